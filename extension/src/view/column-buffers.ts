import type { ColumnKind, WindowMessage } from 'kernel-gateway/protocol';
import type { IRowWindow } from './row-window.js';

/** A buffer as Jupyter's client hands it over. */
export type WireBuffer = ArrayBuffer | ArrayBufferView;

/** Text of the value in one row of a column. */
type ReadCell = (row: number) => string;

const utf8 = new TextDecoder();

const bytesOf = (buffer: WireBuffer): DataView =>
  buffer instanceof ArrayBuffer
    ? new DataView(buffer)
    : new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);

const readNumber: Record<Exclude<ColumnKind, 'text'>, (view: DataView, offset: number) => string> = {
  u64: (view, offset) => view.getBigUint64(offset, true).toString(),
  i64: (view, offset) => view.getBigInt64(offset, true).toString(),
  f64: (view, offset) => String(view.getFloat64(offset, true))
};

function textReader(offsets: DataView, bytes: DataView): ReadCell {
  return row => {
    const from = offsets.getUint32(row * 4, true);
    const to = offsets.getUint32(row * 4 + 4, true);
    return utf8.decode(new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from));
  };
}

function expectBytes(column: string, view: DataView, byteLength: number): void {
  if (view.byteLength < byteLength) {
    throw new Error(`The window's column "${column}" has ${view.byteLength} bytes, expected ${byteLength}.`);
  }
}

/** Readers by column name, over the buffers where they are: nothing is decoded before a cell is shown. */
function columnReaders(message: WindowMessage, buffers: readonly WireBuffer[]): Map<string, ReadCell> {
  const readers = new Map<string, ReadCell>();
  let next = 0;
  const take = (): DataView => {
    const buffer = buffers[next++];
    if (buffer === undefined) {
      throw new Error(`The window has ${buffers.length} buffers, too few for its ${message.columns.length} columns.`);
    }
    return bytesOf(buffer);
  };
  for (const { name, kind } of message.columns) {
    if (kind === 'text') {
      const offsets = take();
      expectBytes(name, offsets, message.count === 0 ? 0 : (message.count + 1) * 4);
      readers.set(name, textReader(offsets, take()));
    } else {
      const values = take();
      expectBytes(name, values, message.count * 8);
      readers.set(name, row => readNumber[kind](values, row * 8));
    }
  }
  return readers;
}

/**
 * Makes a window of a comm message and its buffers (layout in protocol/store.ts). The buffers are kept, not copied.
 *
 * @throws Error when buffers are missing or shorter than the message says
 */
export function decodeWindow(message: WindowMessage, buffers: readonly WireBuffer[]): IRowWindow {
  const readers = columnReaders(message, buffers);
  return {
    first: message.first,
    count: message.count,
    matching: Number(message.matching),
    total: message.total,
    state: message.state,
    losses: message.losses,
    histograms: message.histograms ?? null,
    stacks: message.stacks ?? null,
    history: message.history ?? null,
    whereError: message.where_error ?? null,
    cell: (row, column) => (row >= 0 && row < message.count ? (readers.get(column)?.(row) ?? '') : '')
  };
}
