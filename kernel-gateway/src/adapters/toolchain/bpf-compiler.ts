/**
 * A cell's text → object. The first try is the quick one: vmlinux.h cut down to what the cell names, with the
 * instrumentation. When clang refuses that, the text is compiled as it is, with the whole header: its verdict and its
 * words are what counts, so that neither the cut nor the instrumentation can make a right program wrong, or blur a message.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCheckedItems } from '../../core/language/checked-items.js';
import {
  readableDiagnostics,
  readClangDiagnostics,
  type DiagnosticPlaces
} from '../../core/cells/clang-diagnostics.js';
import type { Build, CancelSignal, CompileOutcome, CompileRequest } from '../../core/index.js';
import { includesNothing, instrument } from '../../core/instrument/instrument.js';
import { stripObject } from '../../core/instrument/strip-object.js';
import { LabError, type CheckedItem, type DiagnosisItem } from '../../protocol/index.js';
import { checkLimits } from './compile-limits.js';
import type { ServerReply } from './compile-server.js';
import { INSIDE, type CompileSession } from './compile-session.js';
import type { HeaderStore, KernelHeader } from './header-store.js';
import type { IncludedFiles } from './included-files.js';
import type { KernelTypes } from './kernel-types.js';

const FLAGS = [
  ...['-target', 'bpf', '-g', '-O2', '-mcpu=v3', '-D__TARGET_ARCH_x86', '-fno-color-diagnostics'],
  ...['-fdiagnostics-print-source-range-info', '-ferror-limit=50', '-idirafter', '/usr/include/x86_64-linux-gnu'],
  ...['-fdebug-compilation-dir=.', '-Wno-unknown-attributes']
];
const CHECK_FLAGS = ['-fsyntax-only', '-fdiagnostics-parseable-fixits'];
const CELL_FOLDER = `${INSIDE.build}/cell`;
/** A header that is not there: no matter of how much of vmlinux.h there is. */
const MISSING_FILE = /: fatal error: '[^'\n]*' file not found/;
/** A precompiled header that this clang does not take, because a file changed or was cut off. */
const BROKEN_PRECOMPILED =
  /fatal error: (?:malformed or corrupted|file '[^'\n]*' has been modified|[^\n]*(?:PCH|AST) file)/;
const OUTPUT = `${INSIDE.build}/out.o`;

/** What one cell is compiled with. */
export interface BpfCompile {
  request: CompileRequest;
  included: IncludedFiles;
  header: KernelHeader;
  signal: CancelSignal;
}

interface Attempt {
  instrumented: boolean;
  convenience: boolean;
  whole: boolean;
  /** Only looks: no object is written, and clang says its fixes. */
  check?: boolean;
}

interface Tried {
  reply: ServerReply;
  added: string;
  wasCut: boolean;
}

/** See the file's head. */
export class BpfCompiler {
  readonly #headers: HeaderStore;
  readonly #types: KernelTypes;
  #cc1: Promise<string[]> | null = null;

  constructor(headers: HeaderStore, types: KernelTypes) {
    this.#headers = headers;
    this.#types = types;
  }

  /**
   * Compiles in the session's sandbox; the caller has it for itself.
   *
   * @throws LabError BPFLAB_CC_LIMIT, BPFLAB_CC_SANDBOX, BPFLAB_CELL_INTERRUPTED, BPFLAB_DISK_FULL
   */
  async compile(
    session: CompileSession,
    compile: BpfCompile
  ): Promise<CompileOutcome<Omit<Build, 'key' | 'fromCache'>>> {
    const startMs = performance.now();
    const { request } = compile;
    const quick = { instrumented: !request.pristine, convenience: true, whole: false };
    let tried = await this.#try(session, compile, quick);
    const isAboutText = !MISSING_FILE.test(tried.reply.output);
    if (tried.reply.status !== 0 && isAboutText && (tried.wasCut || quick.instrumented)) {
      const plain = await this.#try(session, compile, { instrumented: false, convenience: true, whole: true });
      const bare =
        plain.reply.status !== 0 && includesNothing(request.body)
          ? await this.#try(session, compile, { instrumented: false, convenience: false, whole: true })
          : plain;
      tried = bare.reply.status === 0 ? bare : plain;
    }
    const items = this.#items(compile, tried.reply.output);
    if (tried.reply.status !== 0) {
      return {
        kind: 'compile-failed',
        items: withCause(items),
        raw: readableDiagnostics(tried.reply.output, INSIDE.session)
      };
    }
    const object = new Uint8Array(await readFile(join(await session.workFolder(), 'out.o')));
    const loadable = stripObject(object);
    const sha256 = createHash('sha256').update(loadable).digest('hex');
    const warnings = items.filter(item => item.file !== 'bpf_helpers.h');
    const compileMs = performance.now() - startMs;
    return {
      kind: 'built',
      build: { name: request.name, object, loadable, sha256, warnings, compileMs, added: tried.added }
    };
  }

  /** Starts the session's server, and reads what the first compile would have to read; the caller has the session for itself. */
  async warm(session: CompileSession, header: KernelHeader): Promise<void> {
    await session.warm();
    await this.#cc1Arguments(session, new AbortController().signal);
    this.#types.cut('', { session: [], system: new Set(), known: true }, () => this.#headers.index(header));
  }

  /**
   * What the compiler says against a text, without making anything of it; the caller has the session for itself.
   *
   * @throws LabError as `compile`
   */
  async check(session: CompileSession, compile: BpfCompile): Promise<CheckedItem[]> {
    const { body } = compile.request;
    const isUsual = includesNothing(body) || startsUsual(body);
    const cc1 = await this.#cc1Arguments(session, compile.signal);
    // Texts are mostly wrong while they are typed: with the whole header precompiled, one look is enough.
    const whole = isUsual && this.#precompiled(compile, cc1).length > 0;
    const attempt = { instrumented: false, convenience: true, whole, check: true };
    let tried = await this.#try(session, compile, attempt);
    const isAboutText = !MISSING_FILE.test(tried.reply.output);
    if (tried.reply.status !== 0 && isAboutText) {
      // A name may be missing because of the cut: the whole header decides.
      if (tried.wasCut) tried = await this.#try(session, compile, { ...attempt, whole: true });
      if (tried.reply.status !== 0 && includesNothing(compile.request.body)) {
        const bare = await this.#try(session, compile, { ...attempt, convenience: false, whole: true });
        if (bare.reply.status === 0) tried = bare;
      }
    }
    const items = readCheckedItems(tried.reply.output, diagnosticPlaces(compile.request));
    return items.filter(item => item.file !== 'bpf_helpers.h');
  }

  #items(compile: BpfCompile, output: string): DiagnosisItem[] {
    return readClangDiagnostics(output, diagnosticPlaces(compile.request));
  }

  async #try(session: CompileSession, compile: BpfCompile, attempt: Attempt): Promise<Tried> {
    const { request, included, header, signal } = compile;
    const file = mainFile(request.name);
    const { body, bodyLine } = request;
    const {
      source,
      includes: before,
      files,
      added
    } = instrument({
      ...{ body, bodyLine, pristine: !attempt.instrumented, convenience: attempt.convenience },
      included: included.session.map(one => one.text)
    });
    const cut = attempt.whole ? null : this.#cut(compile);
    const prepared = files.map(one => ({ path: `added/${one.path}`, text: one.text }));
    if (cut !== null) prepared.push({ path: 'added/vmlinux.h', text: cut });
    await session.prepare([{ path: `cell/${file}`, text: source }, ...prepared]);
    const cc1 = await this.#cc1Arguments(session, signal);
    const whole = `${INSIDE.headers}/${header.id}`;
    const includes = [`${INSIDE.build}/added`, INSIDE.session, ...(cut === null ? [whole] : [])];
    const isUsual = before.length > 0 || startsUsual(body);
    const pch = attempt.whole && !attempt.instrumented && isUsual ? this.#precompiled(compile, cc1) : [];
    const task = attempt.check ? [...cc1.filter(word => word !== '-emit-obj'), ...CHECK_FLAGS] : cc1;
    const argv = ['clang', '-cc1', ...task, ...includes.flatMap(path => ['-I', path])];
    argv.push(...before.flatMap(name => ['-include', name]));
    const io = ['-main-file-name', file, '-o', OUTPUT, '-x', 'c', file];
    let reply = await session.run(CELL_FOLDER, [...argv, ...pch, ...io], signal);
    if (pch.length > 0 && BROKEN_PRECOMPILED.test(reply.output))
      reply = await session.run(CELL_FOLDER, [...argv, ...io], signal);
    checkLimits(reply, `"${request.name}"`);
    return { reply, added, wasCut: cut !== null };
  }

  #cut(compile: BpfCompile): string | null {
    const { request, included, header } = compile;
    const isUsed =
      includesNothing(request.body) ||
      included.system.has('vmlinux.h') ||
      included.session.some(file => file.path === 'vmlinux.h');
    return isUsed ? this.#types.cut(request.body, included, () => this.#headers.index(header)) : null;
  }

  /** Arguments for the precompiled header; the text begins with just what is in it. */
  #precompiled(compile: BpfCompile, cc1: readonly string[]): string[] {
    const { included, header } = compile;
    const isOwn = included.session.some(file => /(^|\/)(vmlinux|bpf_helpers)\.h$/.test(file.path));
    if (isOwn) return [];
    const name = this.#headers.precompiled(header, cc1);
    return name === null ? [] : ['-include-pch', `${INSIDE.headers}/${header.id}/${name}`];
  }

  /** What the driver would pass on: asked once, so that a compile starts as the compiler proper. */
  #cc1Arguments(session: CompileSession, signal: CancelSignal): Promise<string[]> {
    this.#cc1 ??= session
      .run('/tmp', ['clang', ...FLAGS, '-c', '-x', 'c', '-', '-o', 'out.o', '-###'], signal)
      .then(readCc1);
    this.#cc1.catch(() => (this.#cc1 = null));
    return this.#cc1;
  }
}

function diagnosticPlaces({ body, bodyLine, name }: CompileRequest): DiagnosticPlaces {
  const cellLines = [...Array.from({ length: bodyLine - 1 }, () => ''), ...body.split('\n')];
  return { cellFile: mainFile(name), sessionFolder: INSIDE.session, cellLines };
}

const mainFile = (name: string): string => `${name}.bpf.c`;

/** A refusal has at least one item, also when the compiler crashed. */
function withCause(items: DiagnosisItem[]): DiagnosisItem[] {
  if (items.some(item => item.severity === 'error')) return items;
  const message = 'The compiler ended without a message about the text.';
  return [...items, { severity: 'error', line: 0, column: 0, end_line: 0, end_column: 0, message, file: '' }];
}

/** The first directives are vmlinux.h, then (perhaps after other includes) bpf_helpers.h, with no macro before it. */
function startsUsual(body: string): boolean {
  const directives = [...body.matchAll(/^[ \t]*#[ \t]*(\w+)[ \t]*([^\n]*)/gm)];
  if (!/^["<]vmlinux\.h[">]/.test(directives[0]?.[2] ?? '')) return false;
  const helpers = directives.findIndex(directive => /^["<]bpf\/bpf_helpers\.h[">]/.test(directive[2] ?? ''));
  return helpers > 0 && directives.slice(0, helpers).every(directive => directive[1] === 'include');
}

/** Arguments of the compiler proper from the driver's `-###`, without input and output. */
function readCc1(reply: ServerReply): string[] {
  const line = reply.output.split('\n').find(text => text.includes('"-cc1"')) ?? '';
  const words = [...line.matchAll(/"((?:\\.|[^"\\])*)"/g)].map(match => (match[1] ?? '').replaceAll(/\\(.)/g, '$1'));
  const start = words.indexOf('-cc1');
  if (start < 0)
    throw new LabError('BPFLAB_CC_SANDBOX', 'clang does not tell how it compiles.', { details: reply.output });
  const kept = words.slice(start + 1);
  for (const option of ['-main-file-name', '-o', '-x']) {
    const at = kept.indexOf(option);
    if (at >= 0) kept.splice(at, 2);
  }
  return kept.filter(word => word !== '-');
}
