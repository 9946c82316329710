import type { AgentConnection, CancelSignal } from '../../core/index.js';
import { agentSession } from '../../core/nodes/agent-session.js';
import { LabError } from '../../protocol/index.js';
import { placeFile } from './place-file.js';
import { ProcessEvents } from './process-events.js';
import type { SessionCore } from './session-core.js';
import { targetFacts } from './target-facts.js';
import { TargetLink } from './target-link.js';

/** A file of the session that targets get when they open. */
interface SessionFile {
  bytes: Uint8Array;
  mode: number;
}

/** The targets of a session: one link each, opened when a cell first needs it. */
export class SessionTargets {
  readonly #core: SessionCore;
  readonly #links = new Map<string, TargetLink>();
  readonly #files = new Map<string, SessionFile>();
  readonly #lost = new Map<string, string>();
  readonly #processes = new WeakMap<AgentConnection, ProcessEvents>();

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** Name of the target of a cell that may name one itself. */
  nameFor(cellTarget: string | null): string {
    return cellTarget ?? this.#core.state.target.name;
  }

  /**
   * The open connection to a target, opening it when needed.
   *
   * @throws LabError BPFLAB_TARGET_UNKNOWN and what the target's start may throw
   */
  connection(name: string, signal: CancelSignal): Promise<AgentConnection> {
    return this.#link(name).connection(signal);
  }

  /** Why the target was lost since a cell last asked, one sentence; empty when it was not. Asking forgets it. */
  takeLoss(name: string): string {
    const reason = this.#lost.get(name) ?? '';
    this.#lost.delete(name);
    return reason;
  }

  /** Cells use this target from now on; `kernel` and `network` (null: unchanged) take effect with a new start. */
  async choose(
    name: string,
    { kernel = null, network = null }: { kernel?: string | null; network?: 'target' | 'own' | null } = {}
  ): Promise<void> {
    const link = this.#link(name);
    const isOtherKernel = kernel !== null && kernel !== link.kernel;
    const isOtherNetwork = network !== null && network !== (link.network ?? 'target');
    if (isOtherKernel || isOtherNetwork) {
      await this.close(name);
      link.kernel = kernel ?? link.kernel;
      link.network = network ?? link.network;
    }
    this.#core.dispatch({ op: 'choose_target', name });
    const current = link.current;
    if (current !== null) {
      this.#core.dispatch({
        op: 'target_ready',
        name,
        kernelRelease: current.hello.kernel_release,
        arch: current.hello.arch
      });
    }
  }

  /**
   * Makes the target's machine have this memory at least; one that has less is given up, with the files in it, for a new one.
   *
   * @throws LabError BPFLAB_TARGET_BUSY when something of the session lives on it
   */
  async provideMemory(name: string, memoryMib: number): Promise<void> {
    const link = this.#link(name);
    if (name !== 'vm' || (link.memoryMib ?? 0) >= memoryMib) return;
    if (this.#core.liveRuns().some(run => run.target === name)) {
      throw new LabError(
        'BPFLAB_TARGET_BUSY',
        `The virtual machine has less than ${memoryMib} MiB, and programs run on it.`
      );
    }
    await this.close(name, `it needs ${memoryMib} MiB of memory`);
    link.memoryMib = memoryMib;
  }

  /** Ends a target and all that runs in it. */
  async close(name: string, reason = 'the target was reset'): Promise<void> {
    const link = this.#links.get(name);
    const runs = this.#core.liveRuns().filter(run => run.target === name);
    await Promise.all(runs.map(run => this.#core.stop(run.id, reason)));
    await link?.close();
    this.#core.dispatch({ op: 'target_closed', name, nowMs: this.#core.now() });
  }

  /** Ends all targets. */
  async closeAll(reason: string): Promise<void> {
    await Promise.all([...this.#links.keys()].map(name => this.close(name, reason)));
  }

  /** The connection to a target that is open; null when it is not. */
  current(name: string): AgentConnection | null {
    return this.#links.get(name)?.current ?? null;
  }

  /** The kernel that was chosen for a target, started or not; empty: its default one. */
  chosenKernel(name: string): string {
    return this.#links.get(name)?.kernel ?? '';
  }

  describe(name: string): string {
    return this.#link(name).provider.describe();
  }

  /** The files that every target gets, by path. */
  get files(): ReadonlyMap<string, SessionFile> {
    return this.#files;
  }

  /** Keeps a file for every target of the session, and writes it into those that are open. */
  async addFile(path: string, file: SessionFile): Promise<void> {
    this.#files.set(path, file);
    for (const link of this.#links.values()) {
      if (link.current !== null) {
        await placeFile(link.current, { ...file, path });
      }
    }
  }

  /** What is told about the processes of a connection. */
  processesOf(connection: AgentConnection): ProcessEvents {
    let processes = this.#processes.get(connection);
    if (processes === undefined) {
      processes = new ProcessEvents(connection);
      this.#processes.set(connection, processes);
    }
    return processes;
  }

  #link(name: string): TargetLink {
    const known = this.#links.get(name);
    if (known !== undefined) {
      return known;
    }
    const provider = this.#core.options.findProvider(name);
    if (provider === null) {
      throw new LabError('BPFLAB_TARGET_UNKNOWN', `There is no target "${name}".`);
    }
    const { id, kernel, target } = this.#core.options;
    const link = new TargetLink({
      session: provider.name === 'pod' ? agentSession(id, name) : id,
      provider,
      kernel: name === target ? kernel : null,
      events: {
        onOpening: () => this.#core.dispatch({ op: 'open_target', name }),
        onProgress: message => this.#core.dispatch({ op: 'narrate_target', name, message }),
        onReady: connection => this.#ready(name, connection),
        onChannel: (channel, session) => this.#core.recorder.wrap(channel, { target: name, session }),
        onFailed: message => this.#core.dispatch({ op: 'target_failed', name, message }),
        onLost: reason => this.#loseTarget(name, reason)
      }
    });
    this.#links.set(name, link);
    return link;
  }

  async #ready(name: string, connection: AgentConnection): Promise<void> {
    this.processesOf(connection);
    // Read while the first cell compiles; its own wait reports a failure.
    targetFacts(connection).catch(() => undefined);
    for (const [path, file] of this.#files) {
      await placeFile(connection, { ...file, path });
    }
    const { kernel_release: kernelRelease, arch } = connection.hello;
    this.#core.dispatch({ op: 'target_ready', name, kernelRelease, arch });
  }

  #loseTarget(name: string, reason: string): void {
    this.#lost.set(name, reason);
    this.#core.dispatch({ op: 'target_lost', name, reason, nowMs: this.#core.now() });
    for (const run of this.#core.state.runs.values()) {
      if (run.target === name) {
        this.#core.runs.get(run.id)?.markEnded();
      }
    }
  }
}
