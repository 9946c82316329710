/** Cells wait here for their turn: one executes, a failure empties the queue. */
import type { JupyterMessage, KernelClient } from './jupyter-message.js';

/** An execute_request and who asked. */
export interface QueuedCell {
  message: JupyterMessage;
  client: KernelClient;
}

/** What the queue does with a cell; `execute` resolves to false when the cells behind it must not run. */
export interface CellRunner {
  execute(cell: QueuedCell): Promise<boolean>;
  abort(cell: QueuedCell): void;
}

/** First in, first out. */
export class ExecutionQueue {
  readonly #runner: CellRunner;
  #waiting: QueuedCell[] = [];
  #running: QueuedCell | null = null;
  #closed = false;

  constructor(runner: CellRunner) {
    this.#runner = runner;
  }

  /** The cell that executes now. */
  get running(): QueuedCell | null {
    return this.#running;
  }

  /** Runs the cell when those before it are done; after `close` it is aborted. */
  add(cell: QueuedCell): void {
    if (this.#closed) this.#runner.abort(cell);
    else {
      this.#waiting.push(cell);
      void this.#drain();
    }
  }

  /** Aborts what waits and all that comes. */
  close(): void {
    this.#closed = true;
    this.#abortWaiting();
  }

  async #drain(): Promise<void> {
    if (this.#running) return;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      this.#running = next;
      const goOn = await this.#runner.execute(next);
      this.#running = null;
      if (!goOn) this.#abortWaiting();
    }
  }

  #abortWaiting(): void {
    for (const cell of this.#waiting.splice(0)) this.#runner.abort(cell);
  }
}
