import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  AssembledBuild,
  Build,
  CancelSignal,
  CompileOutcome,
  CompileRequest,
  MakeOutcome,
  MakeRequest,
  Toolchain,
  UserBuild
} from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import { assemble } from './assemble.js';
import { BpfCompiler } from './bpf-compiler.js';
import { BuildCache } from './build-cache.js';
import { CompileSession, sweepWorkFolders } from './compile-session.js';
import { EditorToolbox } from './editor-toolbox.js';
import { disassembleNative, type NativeFunction } from './disassemble-native.js';
import { HeaderStore, type ToolchainImages } from './header-store.js';
import { findIncludedFiles, type IncludedFiles } from './included-files.js';
import { KernelTypes } from './kernel-types.js';
import { LessonMaker } from './lesson-maker.js';
import { runSandboxed } from './run-sandboxed.js';
import { serverLibrary } from './server-library.js';
import { compileUserProgram, type UserCompile } from './user-compiler.js';

/** Changes when the same text gives another object: flags, instrumentation. */
const TOOLCHAIN_VERSION = 'bpf-5';
const MAX_TEXT_LENGTH = 1024 * 1024;
const IDLE_MS = 10 * 60_000;
const MAX_SESSIONS = 16;
/** Behind the folder in the name of the sandbox that is for editors: a run must not wait for a check. */
const EDITOR = ' (editor)';

type BpfMeta = Pick<Build, 'name' | 'sha256' | 'warnings' | 'added'>;
type UserMeta = Pick<UserBuild, 'name' | 'sha256' | 'warnings'>;

class LabToolchain implements Toolchain {
  readonly #images: ToolchainImages;
  readonly #cacheDir: string;
  readonly #cache: BuildCache;
  readonly #headers: HeaderStore;
  readonly #compiler: BpfCompiler;
  readonly #lessons: LessonMaker;
  readonly editor: EditorToolbox;
  readonly #sessions = new Map<string, CompileSession>();
  #ready: Promise<string> | null = null;
  #idleTimer: NodeJS.Timeout | null = null;

  constructor(images: ToolchainImages, cacheDir: string) {
    this.#images = images;
    this.#cacheDir = cacheDir;
    this.#cache = new BuildCache(cacheDir);
    this.#headers = new HeaderStore(images, cacheDir);
    this.#compiler = new BpfCompiler(this.#headers, new KernelTypes(images.lab.root));
    const roots = { tools: images.tools.root, lab: images.lab.root };
    this.#lessons = new LessonMaker(roots, cacheDir, this.#headers);
    this.editor = new EditorToolbox({
      lab: images.lab.root,
      headers: this.#headers,
      compiler: this.#compiler,
      session: folder => this.#session(folder, EDITOR)
    });
  }

  compileBpf(request: CompileRequest, signal: CancelSignal): Promise<CompileOutcome<Build>> {
    return this.#namingFullDisk(() => this.#compileBpf(request, signal));
  }

  compileUser(request: CompileRequest, skeletons: Build[], signal: CancelSignal): Promise<CompileOutcome<UserBuild>> {
    return this.#namingFullDisk(() => this.#compileUser(request, skeletons, signal));
  }

  async assemble(request: CompileRequest, signal: CancelSignal): Promise<CompileOutcome<AssembledBuild>> {
    checkSize(request);
    const session = await this.#session(request.sessionFolder);
    return this.#namingFullDisk(() =>
      session.exclusive(() => assemble(session, this.#images.lab.root, { request, signal }))
    );
  }

  make(request: MakeRequest, signal: CancelSignal): Promise<MakeOutcome> {
    return this.#namingFullDisk(() => this.#lessons.make(request, signal));
  }

  async #namingFullDisk<T>(compile: () => Promise<T>): Promise<T> {
    try {
      return await compile();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
      throw new LabError('BPFLAB_DISK_FULL', `The disk of the cache ${this.#cacheDir} is full.`, {
        details: message,
        cause: error
      });
    }
  }

  async #compileBpf(request: CompileRequest, signal: CancelSignal): Promise<CompileOutcome<Build>> {
    checkSize(request);
    const startMs = performance.now();
    const [header, included] = await Promise.all([
      this.#headers.forKernel(request.kernel),
      findIncludedFiles(request.body, request.sessionFolder)
    ]);
    const key = this.#key(['bpf', header.id, request], included);
    const cached = included.known ? await this.#cache.get(key) : null;
    if (cached) {
      const { object, loadable } = cached.parts as { object: Uint8Array; loadable: Uint8Array };
      const compileMs = performance.now() - startMs;
      return {
        kind: 'built',
        build: { ...(cached.meta as BpfMeta), key, object, loadable, fromCache: true, compileMs }
      };
    }
    const session = await this.#session(request.sessionFolder);
    const compile = { request, included, header, signal };
    const outcome = await session.exclusive(() => this.#compiler.compile(session, compile));
    if (outcome.kind !== 'built') return outcome;
    const { object, loadable, name, sha256, warnings, added } = outcome.build;
    const meta: BpfMeta = { name, sha256, warnings, added };
    void this.#cache.put(key, { meta, parts: { object, loadable } });
    return {
      kind: 'built',
      build: { ...outcome.build, key, fromCache: false, compileMs: performance.now() - startMs }
    };
  }

  async #compileUser(
    request: CompileRequest,
    skeletons: Build[],
    signal: CancelSignal
  ): Promise<CompileOutcome<UserBuild>> {
    checkSize(request);
    const startMs = performance.now();
    const included = await findIncludedFiles(request.body, request.sessionFolder);
    const key = this.#key(['user', request, skeletons.map(build => [build.name, build.sha256])], included);
    const cached = included.known ? await this.#cache.get(key) : null;
    if (cached) {
      const { executable } = cached.parts as { executable: Uint8Array };
      const compileMs = performance.now() - startMs;
      return { kind: 'built', build: { ...(cached.meta as UserMeta), key, executable, fromCache: true, compileMs } };
    }
    const session = await this.#session(request.sessionFolder);
    const compile: UserCompile = { request, skeletons, signal };
    const outcome = await session.exclusive(() => compileUserProgram(session, compile));
    if (outcome.kind !== 'built') return outcome;
    const { executable, name, sha256, warnings } = outcome.build;
    void this.#cache.put(key, { meta: { name, sha256, warnings } satisfies UserMeta, parts: { executable } });
    return {
      kind: 'built',
      build: { ...outcome.build, key, fromCache: false, compileMs: performance.now() - startMs }
    };
  }

  async describe(): Promise<{ clang: string; libbpf: string; bpftool: string; vmlinuxSource: string }> {
    const roots = { tools: this.#images.tools.root, lab: this.#images.lab.root };
    const script = 'clang --version | head -n 1; bpftool version';
    const [header, versions] = await Promise.all([
      this.#headers.forKernel(undefined),
      runSandboxed(roots, { mounts: [], argv: ['sh', '-c', script] })
    ]);
    const text = versions.output.toString();
    const version = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? 'unknown';
    return {
      clang: version(/clang version (\S+)/),
      bpftool: version(/bpftool v(\S+)/),
      libbpf: version(/libbpf v(\S+)/),
      vmlinuxSource: `${header.source}, ${join(header.folder, 'vmlinux.h')}`
    };
  }

  disassemble(functions: readonly NativeFunction[], arch: string): Promise<{ address: bigint; text: string }[]> {
    const images = { tools: this.#images.tools.root, lab: this.#images.lab.root };
    return functions.length === 0 ? Promise.resolve([]) : disassembleNative(images, functions, arch);
  }

  async warm(sessionFolder: string): Promise<void> {
    try {
      const header = await this.#headers.forKernel(undefined);
      const session = await this.#session(sessionFolder);
      await session.exclusive(() => this.#compiler.warm(session, header));
    } catch {
      // The first compile says what is wrong.
    }
  }

  async close(sessionFolder?: string): Promise<void> {
    const folders = sessionFolder === undefined ? [...this.#sessions.keys()] : [sessionFolder, sessionFolder + EDITOR];
    await Promise.all([...folders.map(folder => this.#closeSession(folder)), this.#lessons.close(sessionFolder)]);
    if (sessionFolder === undefined) await this.#headers.settled();
  }

  async #closeSession(folder: string): Promise<void> {
    const session = this.#sessions.get(folder);
    this.#sessions.delete(folder);
    if (this.#sessions.size === 0 && this.#idleTimer) {
      clearInterval(this.#idleTimer);
      this.#idleTimer = null;
      this.#headers.forget();
    }
    await session?.close();
  }

  #key(parts: unknown[], included: IncludedFiles): string {
    const hash = createHash('sha256').update(`${TOOLCHAIN_VERSION} ${this.#images.lab.id}\n`);
    const withoutFolder = (_: string, value: unknown): unknown =>
      typeof value === 'object' && value && 'sessionFolder' in value ? { ...value, sessionFolder: undefined } : value;
    hash.update(JSON.stringify(parts, withoutFolder));
    for (const { path, text } of included.session)
      hash.update(`\n${JSON.stringify(path)} ${text.length}\n`).update(text);
    return hash.digest('hex').slice(0, 32);
  }

  async #session(folder: string, purpose = ''): Promise<CompileSession> {
    const name = folder + purpose;
    this.#ready ??= this.#prepare();
    this.#ready.catch(() => (this.#ready = null));
    const serverFolder = await this.#ready;
    let session = this.#sessions.get(name);
    if (!session) {
      const images = { tools: this.#images.tools.root, lab: this.#images.lab.root };
      session = new CompileSession({ images, cacheDir: this.#cacheDir, sessionFolder: folder, serverFolder });
      this.#sessions.set(name, session);
      await this.#closeIdle(MAX_SESSIONS);
    }
    session.lastUsedMs = performance.now();
    this.#idleTimer ??= setInterval(() => void this.#closeIdle(Infinity), IDLE_MS / 4).unref();
    return session;
  }

  async #prepare(): Promise<string> {
    await mkdir(join(this.#cacheDir, 'headers'), { recursive: true });
    await sweepWorkFolders(this.#cacheDir);
    const images = { tools: this.#images.tools.root, lab: this.#images.lab.root, labId: this.#images.lab.id };
    return serverLibrary(images, this.#cacheDir);
  }

  /** Closes sandboxes that were not used for ten minutes, and the oldest when there are more than `most`. */
  async #closeIdle(most: number): Promise<void> {
    const byAge = [...this.#sessions].sort(([, a], [, b]) => a.lastUsedMs - b.lastUsedMs);
    const tooMany = Math.max(0, byAge.length - most);
    const old = byAge.filter(([, one], index) => index < tooMany || one.lastUsedMs < performance.now() - IDLE_MS);
    await Promise.all(old.filter(([, one]) => one.lastUsedMs > 0).map(([folder]) => this.#closeSession(folder)));
  }
}

function checkSize(request: CompileRequest): void {
  if (request.body.length <= MAX_TEXT_LENGTH) return;
  const mebibytes = (request.body.length / MAX_TEXT_LENGTH).toFixed(1);
  throw new LabError('BPFLAB_CELL_TOO_LARGE', `"${request.name}" has ${mebibytes} MiB of text; 1 MiB is the most.`);
}

/**
 * The compiler of the lab image behind the compile sandbox. Nothing is started before it is needed; whoever creates it
 * calls `close`.
 *
 * @param images - from `readInstalled()`
 * @param cacheDir - root of the cache; `headers/` and `builds/` of it are written
 */
export function createToolchain(images: ToolchainImages, cacheDir: string): Toolchain {
  return new LabToolchain(images, cacheDir);
}
