import type { OutputsMessage } from '../../../protocol/index.js';
import type { AcknowledgedSocket } from '../kernels/acknowledged-socket.js';
import type { NotebookRecord } from './notebook-record.js';

/** Bytes on their way to a page before changes are held back. */
const HIGH_BYTES = 64 * 1024;

/**
 * Tells one page every change of a record as long as it keeps up. For one that does not, changes are not kept: its cells
 * are marked, and told whole, as they are by then, when it has read what is on its way.
 */
export class OutputFeed {
  readonly #record: NotebookRecord;
  readonly #socket: Pick<AcknowledgedSocket, 'bufferedBytes' | 'send'>;
  readonly #behind = new Set<string>();

  /** `end` ends it. */
  constructor(record: NotebookRecord, socket: Pick<AcknowledgedSocket, 'bufferedBytes' | 'send'>) {
    this.#record = record;
    this.#socket = socket;
    this.end = record.watch(message => this.#take(message));
  }

  readonly end: () => void;

  #take(message: OutputsMessage): void {
    if (this.#behind.size === 0 && this.#hasRoom()) this.#send(message);
    else for (const cell of cellsOf(message)) this.#behind.add(cell);
  }

  #catchUp(): void {
    for (const id of this.#behind) {
      if (!this.#hasRoom()) return;
      this.#behind.delete(id);
      const cell = this.#record.cell(id);
      this.#send(cell ? { type: 'begin', cell } : { type: 'clear', cells: [id] });
    }
  }

  #hasRoom(): boolean {
    return this.#socket.bufferedBytes < HIGH_BYTES;
  }

  #send(message: OutputsMessage): void {
    this.#socket.send(JSON.stringify(message), () => this.#catchUp());
  }
}

function cellsOf(message: OutputsMessage): string[] {
  if (message.type === 'cells') return message.cells.map(({ cell }) => cell);
  if (message.type === 'clear') return message.cells;
  return [message.type === 'begin' ? message.cell.cell : message.cell];
}
