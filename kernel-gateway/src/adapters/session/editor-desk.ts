/** Answers the editors of a session: gathers what is known of target, kernel and files, and asks core/language. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCell } from '../../core/cells/parse-cell.js';
import { sessionPath } from '../../core/cells/session-path.js';
import type { CellSpec } from '../../core/index.js';
import { complete } from '../../core/language/complete.js';
import type { Completion } from '../../core/language/completion.js';
import { definitionAt } from '../../core/language/definition.js';
import { withoutMagic } from '../../core/language/editor-context.js';
import { inspect } from '../../core/language/inspect.js';
import { noFacts, type LanguageFacts, type SessionMap } from '../../core/language/language-facts.js';
import { signatureAt } from '../../core/language/signature.js';
import { typeName } from '../../core/object/type-layout.js';
import { isLive } from '../../core/session/session-state.js';
import {
  LabError,
  type CheckedItem,
  type DefinitionAnswer,
  type LanguageAnswers,
  type LanguageAsk
} from '../../protocol/index.js';
import { writeSessionFile } from './file-cell.js';
import { NewestCheck } from './newest-check.js';
import type { SessionCore } from './session-core.js';
import { targetFacts } from './target-facts.js';

/** Longest wait for a target that has to be started for the names of its tracepoints. */
const TARGET_WAIT_MS = 1500;
const MAX_FILES = 500;
const MAX_FILE_BYTES = 4 * 1024 * 1024;

type Ask<K extends LanguageAsk['kind']> = Extract<LanguageAsk, { kind: K }>;

/** See the file's head. */
export class EditorDesk {
  readonly #core: SessionCore;
  readonly #check = new NewestCheck<CheckedItem[]>((text, signal) => this.#runCheck(text, signal));

  constructor(core: SessionCore) {
    this.#core = core;
  }

  async complete(text: string, cursor: number): Promise<Completion> {
    return complete(text, cursor, await this.#facts(text));
  }

  async inspect(text: string, cursor: number): Promise<{ found: boolean; text: string }> {
    return inspect(text, cursor, await this.#facts(text));
  }

  /** See `Session.language`. */
  async answer(ask: LanguageAsk): Promise<LanguageAnswers[LanguageAsk['kind']]> {
    switch (ask.kind) {
      case 'check':
        return this.#check.ask(ask.text);
      case 'signature':
        return signatureAt(ask.text, ask.cursor, await this.#facts(ask.text));
      case 'definition':
        return this.#definition(ask);
      case 'format':
        return this.#format(ask);
      case 'list_files':
        return this.#files();
      case 'read_file':
        return this.#read(ask);
      case 'write_file':
        return this.#write(ask);
    }
  }

  get #kernel(): string | undefined {
    const { kernelRelease } = this.#core.state.target;
    return kernelRelease === '' ? undefined : kernelRelease;
  }

  /** All that is known; what cannot be had is left out: an editor's answer is better with less than not at all. */
  async #facts(text: string): Promise<LanguageFacts> {
    const { toolchain, folder } = this.#core.options;
    const [kernel, files, tracepoints] = await Promise.all([
      toolchain.editor.facts(this.#kernel).catch(() => noFacts),
      toolchain.editor.includedFiles(withoutMagic(text).text, folder).catch(() => []),
      this.#tracepoints(text)
    ]);
    const headers = files.filter(file => file.path !== 'vmlinux.h');
    return { ...noFacts, ...kernel, files: headers, tracepoints, maps: this.#maps() };
  }

  /** Tracepoints of the target; it is started for them only where a text is about to name one. */
  async #tracepoints(text: string): Promise<readonly string[]> {
    const { targets } = this.#core;
    const name = targets.nameFor(null);
    const isWanted = /SEC\s*\(\s*"\??(tp|tracepoint)\/|\btracepoint:/.test(text);
    if (!isWanted) return [];
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TARGET_WAIT_MS);
    try {
      const connection = await targets.connection(name, abort.signal);
      const facts = await targetFacts(connection);
      return [...(facts.tracepoints ?? [])];
    } catch {
      return [];
    } finally {
      clearTimeout(timer);
    }
  }

  #maps(): SessionMap[] {
    const { state, runs } = this.#core;
    return [...state.runs.values()].filter(isLive).flatMap(record => {
      const object = runs.get(record.id)?.object;
      if (!object) return [];
      const nameOf = (id: number, size: number): string => (id > 0 ? typeName(object.types, id) : `${size} bytes`);
      return object.maps
        .filter(map => !map.name.startsWith('.'))
        .map(map => ({
          name: map.name,
          type: map.type,
          key: nameOf(map.keyType, map.keySize),
          value: nameOf(map.valueType, map.valueSize),
          entries: String(map.maxEntries),
          run: record.name
        }));
    });
  }

  async #runCheck(text: string, signal: AbortSignal): Promise<CheckedItem[]> {
    const spec = parseCell(text);
    if (spec.kind === 'invalid') {
      const place = { line: spec.line, column: 0, end_line: 0, end_column: 0 };
      return [{ severity: 'error', ...place, message: spec.error.message, file: '', fixes: [] }];
    }
    if (spec.kind !== 'bpf' && spec.kind !== 'user') return [];
    return this.#compileCheck(spec, signal);
  }

  #compileCheck(spec: Extract<CellSpec, { kind: 'bpf' | 'user' }>, signal: AbortSignal): Promise<CheckedItem[]> {
    const { options, builds } = this.#core;
    const kernel = this.#kernel;
    const request = {
      name: spec.name,
      body: spec.body,
      bodyLine: spec.bodyLine,
      pristine: true,
      sessionFolder: options.folder,
      ...(kernel === undefined ? {} : { kernel })
    };
    const skeletons = spec.kind === 'bpf' ? null : [...builds.values()];
    return options.toolchain.editor.check(request, skeletons, signal);
  }

  async #definition(ask: Ask<'definition'>): Promise<DefinitionAnswer | null> {
    const facts = await this.#facts(ask.text);
    const found = definitionAt(ask.text, ask.cursor, facts);
    const { editor } = this.#core.options.toolchain;
    switch (found?.kind) {
      case 'cell':
        return { origin: 'cell', path: '', ...placeOf(ask.text, found.at) };
      case 'file': {
        const file = facts.files.find(one => one.path === found.path);
        return { origin: 'session', path: found.path, ...placeOf(file?.text ?? '', found.at) };
      }
      case 'header': {
        const text = await editor.readHeader(found.header, this.#kernel);
        return text === null ? null : { origin: 'header', path: found.header, line: found.line, column: 1 };
      }
      case 'kernel': {
        const place = await editor.findInVmlinux(found.name, found.member, this.#kernel);
        return place ? { origin: 'header', path: place.header, line: place.line, column: place.column } : null;
      }
      default:
        return null;
    }
  }

  /** The body of a C cell in its style; the magic and every other cell stay as they are. */
  async #format({ text, style }: Ask<'format'>): Promise<string> {
    const { kind, bodyAt } = withoutMagic(text);
    const isC = kind === 'bpf' || kind === 'user' || (kind === 'file' && /^\s*%%file\s+\S+\.[ch]\b/m.test(text));
    if (!isC || text.trim() === '') return text;
    const { toolchain, folder } = this.#core.options;
    const formatted = await toolchain.editor.format(text.slice(bodyAt), style, folder);
    return text.slice(0, bodyAt) + formatted.replace(/\n$/, text.endsWith('\n') ? '\n' : '');
  }

  async #files(): Promise<LanguageAnswers['list_files']> {
    const { folder } = this.#core.options;
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const paths = entries
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort()
      .slice(0, MAX_FILES);
    return Promise.all(
      paths.map(async path => ({
        path,
        size: await stat(join(folder, path)).then(
          found => found.size,
          () => 0
        )
      }))
    );
  }

  async #read({ origin, path }: Ask<'read_file'>): Promise<string> {
    if (origin === 'header') {
      const header = await this.#core.options.toolchain.editor.readHeader(path, this.#kernel);
      if (header === null) throw new LabError('BPFLAB_FILE_PATH', `There is no header "${path}".`);
      return header;
    }
    const file = join(this.#core.options.folder, sessionPath(path));
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) throw new LabError('BPFLAB_FILE_PATH', `The session has no file "${path}".`);
    if (found.size > MAX_FILE_BYTES) throw new LabError('BPFLAB_FILE_PATH', `"${path}" has more than 4 MiB.`);
    return readFile(file, 'utf8');
  }

  /** As `%%file`: for the compiler and for every target of the session. */
  async #write({ path, text }: Ask<'write_file'>): Promise<null> {
    const { options, targets } = this.#core;
    const name = sessionPath(path);
    const bytes = new TextEncoder().encode(text);
    await writeSessionFile(options.folder, name, bytes);
    await targets.addFile(name, { bytes, mode: text.startsWith('#!') ? 0o755 : 0o644 });
    return null;
  }
}

/** 1-based line and column of an offset. */
function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}
