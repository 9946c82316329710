/** The compiler's image, for editors: checks, format, and what the headers and the kernel's types say. */
import { readFileSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Build, CancelSignal, CompileRequest } from '../../core/index.js';
import type { EditorTools, HeaderPlace } from '../../core/language/editor-tools.js';
import { findInHeader } from '../../core/language/find-in-header.js';
import { readHelpers, readMacros, type HeaderFacts, type MacroFact } from '../../core/language/header-facts.js';
import type { LanguageFacts } from '../../core/language/language-facts.js';
import { BtfOnDemand } from '../../core/object/btf-on-demand.js';
import { LabError, type CheckedItem } from '../../protocol/index.js';
import type { BpfCompiler } from './bpf-compiler.js';
import type { CompileSession } from './compile-session.js';
import { formatStyle } from './format-style.js';
import type { HeaderStore } from './header-store.js';
import { findIncludedFiles } from './included-files.js';
import { checkUserProgram } from './user-compiler.js';

/** What the toolbox is made of. */
export interface EditorToolboxParts {
  /** Root folder of the lab image. */
  lab: string;
  headers: HeaderStore;
  compiler: BpfCompiler;
  /** A compile session of a session's folder that is for editors only. */
  session(folder: string): Promise<CompileSession>;
}

const INCLUDE_FOLDERS = ['usr/include', 'usr/include/x86_64-linux-gnu', 'usr/include/aarch64-linux-gnu'];
const MACRO_HEADERS = ['bpf_helpers.h', 'bpf_tracing.h', 'bpf_core_read.h', 'bpf_endian.h', 'usdt.bpf.h'];
/** Kernels whose types are kept in memory (some 10 to 20 MB each). */
const KEPT_KERNELS = 2;

/** See the file's head. */
export class EditorToolbox implements EditorTools {
  readonly #parts: EditorToolboxParts;
  readonly #kernels = new Map<string, Promise<BtfOnDemand>>();
  #facts: HeaderFacts | null = null;

  constructor(parts: EditorToolboxParts) {
    this.#parts = parts;
  }

  async facts(kernel: string | undefined): Promise<Pick<LanguageFacts, 'kernel' | 'kernelRelease' | 'headers'>> {
    const { btf, release } = await this.#parts.headers.forKernel(kernel);
    this.#facts ??= this.#readFacts();
    return { kernel: await this.#kernel(btf), kernelRelease: release, headers: this.#facts };
  }

  async includedFiles(body: string, sessionFolder: string): Promise<{ path: string; text: string }[]> {
    return (await findIncludedFiles(body, sessionFolder)).session;
  }

  async check(
    request: CompileRequest,
    skeletons: readonly Build[] | null,
    signal: CancelSignal
  ): Promise<CheckedItem[]> {
    const session = await this.#parts.session(request.sessionFolder);
    if (skeletons) return session.exclusive(() => checkUserProgram(session, { request, skeletons, signal }));
    const [header, included] = await Promise.all([
      this.#parts.headers.forKernel(request.kernel),
      findIncludedFiles(request.body, request.sessionFolder)
    ]);
    return session.exclusive(() => this.#parts.compiler.check(session, { request, included, header, signal }));
  }

  async format(text: string, style: string, sessionFolder: string): Promise<string> {
    const session = await this.#parts.session(sessionFolder);
    const own = await readFile(join(sessionFolder, '.clang-format'), 'utf8').catch(() => null);
    return session.exclusive(async () => {
      await session.prepare([
        { path: 'cell/text.c', text },
        ...(own === null ? [] : [{ path: 'cell/.clang-format', text: own }])
      ]);
      const argv = ['clang-format', '-i', `--style=${own === null ? formatStyle(style) : 'file'}`, 'text.c'];
      const reply = await session.run('/build/cell', argv, new AbortController().signal);
      if (reply.status !== 0)
        throw new LabError('BPFLAB_FORMAT_FAILED', `clang-format ended with status ${reply.status ?? reply.signal}.`, {
          details: reply.output.slice(0, 4000)
        });
      return readFile(join(await session.workFolder(), 'cell/text.c'), 'utf8');
    });
  }

  async readHeader(name: string, kernel: string | undefined): Promise<string | null> {
    if (name === 'vmlinux.h') {
      const { folder } = await this.#parts.headers.forKernel(kernel);
      return readFile(join(folder, 'vmlinux.h'), 'utf8');
    }
    for (const folder of INCLUDE_FOLDERS) {
      const root = join(this.#parts.lab, folder);
      const path = await realpath(join(root, name)).catch(() => null);
      // Headers may link to others below the image, and nowhere else.
      if (path?.startsWith(join(this.#parts.lab, 'usr') + sep) && path.endsWith('.h')) return readFile(path, 'utf8');
    }
    return null;
  }

  async findInVmlinux(name: string, member: string, kernel: string | undefined): Promise<HeaderPlace | null> {
    const index = this.#parts.headers.index(await this.#parts.headers.forKernel(kernel));
    const place = index ? findInHeader(index, name, member) : null;
    return place ? { header: 'vmlinux.h', ...place } : null;
  }

  #kernel(btf: string): Promise<BtfOnDemand> {
    const known = this.#kernels.get(btf);
    if (known) return known;
    const read = readFile(btf).then(bytes => new BtfOnDemand(bytes));
    this.#kernels.set(btf, read);
    read.catch(() => this.#kernels.delete(btf));
    for (const oldest of [...this.#kernels.keys()].slice(0, -KEPT_KERNELS)) this.#kernels.delete(oldest);
    return read;
  }

  #readFacts(): HeaderFacts {
    const read = (name: string): string => {
      try {
        return readFileSync(join(this.#parts.lab, 'usr/include/bpf', name), 'utf8');
      } catch {
        return '';
      }
    };
    const macros = new Map<string, MacroFact>();
    for (const header of MACRO_HEADERS)
      for (const macro of readMacros(header, read(header))) {
        // Of alternatives for several machines the one that is documented, else the last: the general one.
        const known = macros.get(macro.name);
        if (!known || known.text === '' || macro.text !== '') macros.set(macro.name, macro);
      }
    return { helpers: readHelpers(read('bpf_helper_defs.h')), macros };
  }
}
