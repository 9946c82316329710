import type { Column, Row } from '../decode/column.js';
import { decodeText } from '../decode/decode-text.js';
import { histogramsText } from '../decode/histogram-text.js';
import { encodeUtf8 } from '../decode/encode-utf8.js';
import { recordPayload } from '../store/record-payload.js';
import { RowChunks } from '../store/row-chunks.js';
import { DEFAULT_ROW_LIMITS } from '../store/record-store.js';
import { RowStore } from '../store/row-store.js';
import type { ColumnSpec, HistogramSeries, Losses } from '../../protocol/index.js';

/** A value of a table: integers as bigint in `i64` and `u64` columns, text in `text` columns. */
export type TableCell = bigint | string;

/** Each cell takes 8 bytes of its row: the integer, or offset and length of its text behind the cells. */
const CELL_BYTES = 8;

/** Rows that a tool has decoded already (bpftrace's JSON), in a store like all others. */
export class TableStore extends RowStore {
  #histograms: HistogramSeries[] | null = null;
  readonly #width: number;
  #contents = '';

  constructor(specs: Pick<ColumnSpec, 'name' | 'kind' | 'role'>[]) {
    super(new RowChunks({ limits: DEFAULT_ROW_LIMITS, rowBytes: specs.length * CELL_BYTES, spill: null }));
    this.#width = specs.length * CELL_BYTES;
    this.setColumns(specs.map((spec, index) => column({ ...spec, c_type: '', unit: '' }, index * CELL_BYTES)));
  }

  get totalRows(): bigint {
    return BigInt(this.chunks.end - this.chunks.first);
  }

  get losses(): Losses {
    return { kernel: '0', kernel_known: false, agent: '0', evicted: '0' };
  }

  override histograms(): HistogramSeries[] | null {
    return this.#histograms;
  }

  override text(maxRows: number): string {
    return this.#histograms === null ? super.text(maxRows) : histogramsText(this.#histograms, 'key');
  }

  /** Replaces all rows; each has a cell per column, of the column's kind. Equal contents are no change. */
  replace(rows: readonly (readonly TableCell[])[], histograms: HistogramSeries[] | null = null): void {
    const contents = rows.map(row => row.map(cell => `${typeof cell}${cell}`).join('\0')).join('\n');
    if (contents === this.#contents) {
      return;
    }
    this.#contents = contents;
    this.chunks.clear();
    this.indexes.clear();
    this.#histograms = histograms;
    if (rows.length > 0) {
      const records = rows.map(row => encodeRow(row, this.#width));
      this.chunks.append(recordPayload({ seq: 0, lost: 0n, monoNs: 0n }, records), 0n);
    }
    this.changed();
  }
}

function column(spec: ColumnSpec, offset: number): Column {
  if (spec.kind === 'text') {
    const text = (row: Row): string => {
      const from = row.at + row.view.getUint32(row.at + offset, true);
      return decodeText(row.bytes, from, from + row.view.getUint32(row.at + offset + 4, true));
    };
    return { kind: 'text', spec, text, source: { kind: 'text' } };
  }
  const words = {
    low: (row: Row) => row.view.getUint32(row.at + offset, true),
    high: (row: Row) => row.view.getUint32(row.at + offset + 4, true)
  };
  return { kind: spec.kind === 'u64' ? 'u64' : 'i64', spec, words };
}

function encodeRow(row: readonly TableCell[], width: number): Uint8Array {
  const texts = row.map(cell => (typeof cell === 'string' ? encodeUtf8(cell) : new Uint8Array(0)));
  const bytes = new Uint8Array(width + texts.reduce((sum, text) => sum + text.length, 0));
  const view = new DataView(bytes.buffer);
  let at = width;
  row.forEach((cell, index) => {
    if (typeof cell === 'bigint') {
      view.setBigUint64(index * CELL_BYTES, BigInt.asUintN(64, cell), true);
      return;
    }
    const text = texts[index] ?? new Uint8Array(0);
    view.setUint32(index * CELL_BYTES, at, true);
    view.setUint32(index * CELL_BYTES + 4, text.length, true);
    bytes.set(text, at);
    at += text.length;
  });
  return bytes;
}
