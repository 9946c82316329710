import type { AgentConnection } from '../../core/index.js';

/** How a process ended: by status or by signal; both are null when the target was lost with it. */
export interface ProcessExit {
  status: number | null;
  signal: number | null;
}

/** The ends of processes of one connection, by pid. */
export class ProcessExits {
  readonly #waiting = new Map<number, (exit: ProcessExit) => void>();
  /** Ends that were told before anybody asked: the reply of `exec` and the event may come in one read. */
  readonly #early = new Map<number, ProcessExit>();

  constructor(connection: AgentConnection) {
    connection.onEvent(event => {
      if (event.event === 'exited') {
        this.#tell(event.pid, { status: event.status, signal: event.signal });
      }
    });
    connection.onClose(() => {
      for (const pid of [...this.#waiting.keys()]) {
        this.#tell(pid, { status: null, signal: null });
      }
    });
  }

  /** Resolves when the process of that pid has ended; each end is told once. */
  of(pid: number): Promise<ProcessExit> {
    const early = this.#early.get(pid);
    this.#early.delete(pid);
    return early === undefined ? new Promise(resolve => this.#waiting.set(pid, resolve)) : Promise.resolve(early);
  }

  #tell(pid: number, exit: ProcessExit): void {
    const waiting = this.#waiting.get(pid);
    if (waiting === undefined) {
      this.#early.set(pid, exit);
    } else {
      this.#waiting.delete(pid);
      waiting(exit);
    }
  }
}
