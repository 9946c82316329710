/** Kernels and Jupyter sessions (a document with its kernel) of the server. */
import { randomUUID } from 'node:crypto';
import { LabError } from '../../../protocol/index.js';
import type { LabServices } from '../lab-services.js';
import type { OutputRecorder } from '../recorder/output-recorder.js';
import { GatewayKernel, type KernelModel } from './gateway-kernel.js';

/** Name of our one kernelspec. */
export const KERNEL_NAME = 'bpflab';

/** Jupyter's session model, without its kernel. */
interface DocumentSession {
  id: string;
  path: string;
  name: string;
  type: string;
  kernelId: string;
}

/** Jupyter's session model on the wire. */
export interface SessionModel {
  id: string;
  path: string;
  name: string;
  type: string;
  kernel: KernelModel;
}

/** A wish for a session: an existing kernel by id, or a new one. */
export interface SessionWish {
  path: string;
  name: string;
  type: string;
  kernelId: string | undefined;
}

/** Opens a session for each life of a kernel; may hear of the kernel's end. */
export type SessionOpener = Pick<LabServices, 'openSession'> & { kernelEnded?(id: string): void };

/** Owns all kernels; `closeAll` ends them. */
export class KernelRegistry {
  readonly #lab: SessionOpener;
  readonly #version: string;
  readonly #recorder: OutputRecorder;
  readonly #kernels = new Map<string, GatewayKernel>();
  #beginning = 0;
  readonly #sessions = new Map<string, DocumentSession>();
  /** Sessions being made by path, so that two tabs that open one notebook at once share a kernel. */
  readonly #starting = new Map<string, Promise<SessionModel>>();

  constructor(lab: SessionOpener, version: string, recorder: OutputRecorder) {
    this.#lab = lab;
    this.#version = version;
    this.#recorder = recorder;
  }

  get kernels(): KernelModel[] {
    return [...this.#kernels.values()].map(({ model }) => model);
  }

  /** Whether a kernel runs, or is being started. */
  get isUsed(): boolean {
    return this.#kernels.size > 0 || this.#beginning > 0;
  }

  get sessions(): SessionModel[] {
    return [...this.#sessions.values()].map(session => this.#model(session));
  }

  /** Starts a kernel; `path` is of the notebook that it is for, empty when there is none. */
  async start(name: string, path: string): Promise<GatewayKernel> {
    if (name !== '' && name !== KERNEL_NAME) {
      throw new LabError(
        'BPFLAB_REQUEST_INVALID',
        `There is no kernel "${name}"; the one of this server is "${KERNEL_NAME}".`
      );
    }
    const id = randomUUID();
    this.#beginning++;
    const kernel = await GatewayKernel.start({
      id,
      name: KERNEL_NAME,
      version: this.#version,
      openSession: () => this.#lab.openSession({ id, path: () => this.#notebooksOf(id)[0] ?? path }),
      recorder: this.#recorder.forKernel(() => this.#notebooksOf(id)),
      onShutdownRequest: restart => void (restart ? kernel.restart() : this.end(id))
    }).finally(() => this.#beginning--);
    this.#kernels.set(id, kernel);
    return kernel;
  }

  /** Throws BPFLAB_REQUEST_UNKNOWN when there is none of that id. */
  kernel(id: string): GatewayKernel {
    const kernel = this.#kernels.get(id);
    if (!kernel) throw new LabError('BPFLAB_REQUEST_UNKNOWN', `There is no kernel ${id}.`);
    return kernel;
  }

  /** Ends a kernel and the sessions on it. */
  async end(id: string): Promise<void> {
    const kernel = this.kernel(id);
    this.#kernels.delete(id);
    for (const session of this.#sessions.values()) if (session.kernelId === id) this.#sessions.delete(session.id);
    await kernel.end();
    this.#lab.kernelEnded?.(id);
  }

  /** Session of a path; there is one for each path, with the kernel it got first. */
  async openSession(wish: SessionWish, kernelName: string): Promise<SessionModel> {
    const existing = [...this.#sessions.values()].find(({ path }) => path === wish.path);
    if (existing) return this.#model(existing);
    let starting = this.#starting.get(wish.path);
    if (!starting) {
      starting = this.#newSession(wish, kernelName).finally(() => this.#starting.delete(wish.path));
      this.#starting.set(wish.path, starting);
    }
    return starting;
  }

  session(id: string): SessionModel {
    return this.#model(this.#known(id));
  }

  /** Renames a session or gives it another kernel; the kernel that it leaves ends when nobody else uses it. */
  async changeSession(id: string, wish: Partial<SessionWish>, kernelName: string | undefined): Promise<SessionModel> {
    const session = this.#known(id);
    Object.assign(session, definedFields({ path: wish.path, name: wish.name, type: wish.type }));
    if (wish.kernelId !== undefined || kernelName !== undefined) {
      const oldId = session.kernelId;
      const next = wish.kernelId ? this.kernel(wish.kernelId) : await this.start(kernelName ?? '', session.path);
      session.kernelId = next.id;
      const isUsed = [...this.#sessions.values()].some(({ kernelId }) => kernelId === oldId);
      if (!isUsed && this.#kernels.has(oldId)) await this.end(oldId);
    }
    return this.#model(session);
  }

  async endSession(id: string): Promise<void> {
    const { kernelId } = this.#known(id);
    this.#sessions.delete(id);
    const isUsed = [...this.#sessions.values()].some(session => session.kernelId === kernelId);
    if (!isUsed && this.#kernels.has(kernelId)) await this.end(kernelId);
  }

  /** Ends every kernel; one that fails does not keep the others. */
  async closeAll(): Promise<void> {
    const ended = await Promise.allSettled([...this.#kernels.keys()].map(id => this.end(id)));
    const failed = ended.find(result => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #notebooksOf(kernelId: string): string[] {
    const sessions = [...this.#sessions.values()].filter(session => session.kernelId === kernelId);
    return sessions.filter(({ type }) => type === 'notebook').map(({ path }) => path);
  }

  async #newSession(wish: SessionWish, kernelName: string): Promise<SessionModel> {
    const kernel = wish.kernelId ? this.kernel(wish.kernelId) : await this.start(kernelName, wish.path);
    const { path, name, type } = wish;
    const session = { id: randomUUID(), path, name, type, kernelId: kernel.id };
    this.#sessions.set(session.id, session);
    return this.#model(session);
  }

  #known(id: string): DocumentSession {
    const session = this.#sessions.get(id);
    if (!session) throw new LabError('BPFLAB_REQUEST_UNKNOWN', `There is no session ${id}.`);
    return session;
  }

  #model({ id, path, name, type, kernelId }: DocumentSession): SessionModel {
    const kernel = this.kernel(kernelId).model;
    return { id, path, name, type, kernel };
  }
}

const definedFields = (fields: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined));
