import { columnsOf } from '../decode/columns-of.js';
import type { TypeTable } from '../object/type-table.js';
import { recordPayload } from '../store/record-payload.js';
import { RowChunks } from '../store/row-chunks.js';
import { DEFAULT_ROW_LIMITS } from '../store/record-store.js';
import { RowStore } from '../store/row-store.js';
import type { Losses } from '../../protocol/index.js';

/** `char line[]`: text up to the end of the record. */
const types: TypeTable = {
  types: [
    { kind: 'void' },
    { kind: 'int', name: 'char', size: 1, encoding: 'char' },
    { kind: 'array', element: 1, count: 0 }
  ]
};
const LINE_TYPE = 2;
/** A line without an end is cut here, so that binary output stays bounded. */
const MAX_LINE_BYTES = 8192;
const NEWLINE = 10;

/** Lines of text that a process printed; bytes that are no text are shown as escapes. */
export class LineStore extends RowStore {
  #rest = new Uint8Array(0);

  constructor() {
    super(new RowChunks({ limits: DEFAULT_ROW_LIMITS, rowBytes: 8, spill: null }));
    this.setColumns(columnsOf(types, LINE_TYPE, { name: 'line' }));
  }

  get totalRows(): bigint {
    return BigInt(this.chunks.end);
  }

  get losses(): Losses {
    return { kernel: '0', kernel_known: true, agent: '0', evicted: String(this.chunks.first) };
  }

  /** Bytes in order; a line is kept when its end has come. */
  write(bytes: Uint8Array): void {
    const lines: Uint8Array[] = [];
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const length = this.#rest.length + at - start;
      if (bytes[at] === NEWLINE || length >= MAX_LINE_BYTES) {
        lines.push(this.#joined(bytes.subarray(start, at)));
        start = bytes[at] === NEWLINE ? at + 1 : at;
      }
    }
    this.#rest = this.#joined(bytes.subarray(start));
    this.#append(lines);
  }

  override end(): void {
    if (this.#rest.length > 0) {
      this.#append([this.#joined(new Uint8Array(0))]);
    }
    super.end();
  }

  override text(maxRows: number): string {
    return this.snapshot(maxRows)
      .rows.map(row => row[0] ?? '')
      .join('\n');
  }

  #joined(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const line = new Uint8Array(this.#rest.length + bytes.length);
    line.set(this.#rest);
    line.set(bytes, this.#rest.length);
    this.#rest = new Uint8Array(0);
    return line;
  }

  #append(lines: Uint8Array[]): void {
    if (lines.length > 0) {
      this.chunks.append(recordPayload({ seq: this.chunks.end, lost: 0n, monoNs: 0n }, lines), 0n);
      this.changed();
    }
  }
}
