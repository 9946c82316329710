/**
 * The compile server of one session folder with its work folder, restarted when it was killed. The work folder has
 * `cell/` (the main file), `added/` (what stands in front of system headers) and what the tools write.
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CancelSignal } from '../../core/index.js';
import { isProcessAlive } from '../install/process-alive.js';
import { CompileServer, type ServerReply } from './compile-server.js';
import type { SandboxImages } from './sandbox.js';

/** Folders inside the sandbox. */
export const INSIDE = { build: '/build', session: '/session', headers: '/headers', server: '/server' } as const;

/** What a compile session is made of; all paths are the host's. */
export interface CompileSessionOptions {
  images: SandboxImages;
  cacheDir: string;
  sessionFolder: string;
  serverFolder: string;
}

/** See the file's head. Whoever opens one closes it. */
export class CompileSession {
  readonly #options: CompileSessionOptions;
  #server: CompileServer | null = null;
  #work: Promise<string> | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  lastUsedMs = 0;

  constructor(options: CompileSessionOptions) {
    this.#options = options;
  }

  /** Runs `task` when no other task of this session runs: the work folder is one. */
  exclusive<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** The host's path of the work folder, made when first needed. */
  workFolder(): Promise<string> {
    this.#work ??= this.#makeWorkFolder();
    return this.#work;
  }

  async #makeWorkFolder(): Promise<string> {
    const builds = join(this.#options.cacheDir, 'builds');
    await mkdir(builds, { recursive: true });
    await mkdir(this.#options.sessionFolder, { recursive: true });
    return mkdtemp(join(builds, `work-${process.pid}-`));
  }

  /** Starts the server when it does not run, so that the next command finds it loaded. */
  async warm(): Promise<CompileServer> {
    const work = await this.workFolder();
    if (!this.#server?.alive) {
      const { images, sessionFolder, serverFolder, cacheDir } = this.#options;
      this.#server = new CompileServer(images, [
        { from: serverFolder, to: INSIDE.server },
        { from: join(cacheDir, 'headers'), to: INSIDE.headers },
        { from: sessionFolder, to: INSIDE.session },
        { from: work, to: INSIDE.build, writable: true }
      ]);
    }
    return this.#server;
  }

  /** Empties the work folder and writes these files into it. */
  async prepare(files: readonly { path: string; text: string | Uint8Array }[]): Promise<void> {
    const work = await this.workFolder();
    for (const name of await readdir(work)) await rm(join(work, name), { recursive: true, force: true });
    const folders = new Set(files.map(file => dirname(join(work, file.path))));
    for (const folder of folders) await mkdir(folder, { recursive: true });
    for (const file of files) await writeFile(join(work, file.path), file.text);
  }

  /** See `CompileServer.run`. */
  async run(directory: string, argv: readonly string[], signal: CancelSignal): Promise<ServerReply> {
    return (await this.warm()).run(directory, argv, signal);
  }

  async close(): Promise<void> {
    this.#server?.close();
    const work = await this.#work?.catch(() => null);
    if (work) await rm(work, { recursive: true, force: true });
  }
}

/** Removes work folders that gateways left which did not end by themselves. */
export async function sweepWorkFolders(cacheDir: string): Promise<void> {
  const builds = join(cacheDir, 'builds');
  const names = await readdir(builds).catch(() => [] as string[]);
  for (const name of names) {
    const pid = Number(/^work-(\d+)-/.exec(name)?.[1] ?? 0);
    if (pid && pid !== process.pid && !isProcessAlive(pid))
      await rm(join(builds, name), { recursive: true, force: true });
  }
}
