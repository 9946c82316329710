import { decodeText } from '../decode/decode-text.js';
import type { WindowMessage } from '../../protocol/index.js';

/** One value of a window: 64-bit integers as bigint, doubles as number, the rest as text. */
export type WindowCell = bigint | number | string;

/**
 * Rows of a window from its buffers (protocol/store.ts: one or two per column, little-endian).
 *
 * @throws RangeError when a buffer is shorter than the message says
 */
export function readWindow(
  message: Pick<WindowMessage, 'columns' | 'count'>,
  buffers: readonly Uint8Array[]
): WindowCell[][] {
  let at = 0;
  const next = (): Uint8Array => buffers[at++] ?? new Uint8Array(0);
  const columns = message.columns.map(({ kind }) => {
    const bytes = next();
    return kind === 'text' ? textReader(bytes, next()) : numberReader(kind, bytes);
  });
  return Array.from({ length: message.count }, (_, row) => columns.map(read => read(row)));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function numberReader(kind: 'u64' | 'i64' | 'f64', bytes: Uint8Array): (row: number) => bigint | number {
  const view = viewOf(bytes);
  switch (kind) {
    case 'u64':
      return row => view.getBigUint64(row * 8, true);
    case 'i64':
      return row => view.getBigInt64(row * 8, true);
    case 'f64':
      return row => view.getFloat64(row * 8, true);
  }
}

function textReader(offsets: Uint8Array, bytes: Uint8Array): (row: number) => string {
  const view = viewOf(offsets);
  return row => decodeText(bytes, view.getUint32(row * 4, true), view.getUint32(row * 4 + 4, true));
}
