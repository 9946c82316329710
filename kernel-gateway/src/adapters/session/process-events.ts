import type { AgentConnection } from '../../core/index.js';

/** How a process ended: by status or by signal; both are null when the target was lost with it. */
export interface ProcessExit {
  status: number | null;
  signal: number | null;
}

/** What the agent tells about the processes of one connection, by pid. */
export class ProcessEvents {
  readonly #ends = new Map<number, (exit: ProcessExit) => void>();
  readonly #waits = new Map<number, () => void>();
  /** What was told before anybody asked: the reply of `exec` and an event may come in one read. */
  readonly #earlyEnds = new Map<number, ProcessExit>();
  readonly #earlyWaits = new Set<number>();
  #starting = 0;

  constructor(connection: AgentConnection) {
    connection.onEvent(event => {
      if (event.event === 'exited') {
        this.#tellEnd(event.pid, { status: event.status, signal: event.signal });
      } else if (event.event === 'awaits_input') {
        this.#tellWait(event.pid);
      }
    });
    connection.onClose(() => {
      for (const pid of [...this.#ends.keys()]) {
        this.#tellEnd(pid, { status: null, signal: null });
      }
    });
  }

  /** Starts a process: what is told meanwhile may be about it, all else is about processes of others. */
  async start(exec: () => Promise<{ pid: number }>): Promise<{ pid: number; end: Promise<ProcessExit> }> {
    this.#starting++;
    try {
      const { pid } = await exec();
      return { pid, end: this.#endOf(pid) };
    } finally {
      if (--this.#starting === 0) this.#earlyEnds.clear();
    }
  }

  #endOf(pid: number): Promise<ProcessExit> {
    const early = this.#earlyEnds.get(pid);
    this.#earlyEnds.delete(pid);
    return early === undefined ? new Promise(resolve => this.#ends.set(pid, resolve)) : Promise.resolve(early);
  }

  /** Calls `listener` each time that the process has read all its input and waits for more, until it has ended. */
  onWaiting(pid: number, listener: () => void): void {
    this.#waits.set(pid, listener);
    if (this.#earlyWaits.delete(pid)) {
      listener();
    }
  }

  #tellWait(pid: number): void {
    const listener = this.#waits.get(pid);
    if (listener !== undefined) listener();
    else if (this.#starting > 0 || this.#ends.has(pid)) this.#earlyWaits.add(pid);
  }

  #tellEnd(pid: number, exit: ProcessExit): void {
    this.#waits.delete(pid);
    this.#earlyWaits.delete(pid);
    const end = this.#ends.get(pid);
    if (end !== undefined) {
      this.#ends.delete(pid);
      end(exit);
    } else if (this.#starting > 0) this.#earlyEnds.set(pid, exit);
  }
}
