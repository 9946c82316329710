/**
 * Wire format `v1.kernel.websocket.jupyter.org`: binary both ways, little-endian.
 *
 * u64 n | n × u64 offset | channel, header, parent_header, metadata, content, buffer …
 * Part i lies between offset i and offset i+1; so n = parts + 1, and the last offset is the length of the whole.
 * @see jupyter_server/services/kernels/connection/base.py, serialize_msg_to_ws_v1
 */
import type { JupyterMessage } from '../../../core/kernel/jupyter-message.js';
import { checkMessage } from './check-message.js';

/** Subprotocol name that a client offers and the server echoes. */
export const WIRE_V1 = 'v1.kernel.websocket.jupyter.org';

const FIXED_PARTS = 5;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes of a message; buffers are copied. */
export function encodeV1(message: JupyterMessage): Uint8Array {
  const { channel, header, parent_header, metadata, content, buffers } = message;
  const json = [header, parent_header, metadata, content].map(part => encoder.encode(JSON.stringify(part)));
  const parts = [encoder.encode(channel), ...json, ...buffers];
  const count = parts.length + 1;
  const start = 8 * (1 + count);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, start));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(count), true);
  let offset = start;
  view.setBigUint64(8, BigInt(offset), true);
  parts.forEach((part, index) => {
    bytes.set(part, offset);
    offset += part.byteLength;
    view.setBigUint64(8 * (index + 2), BigInt(offset), true);
  });
  return bytes;
}

/**
 * Message in `bytes`; its buffers are views of them.
 *
 * @throws Error with one sentence when the bytes are no message
 */
export function decodeV1(bytes: Uint8Array): JupyterMessage {
  const offsets = readOffsets(bytes);
  const part = (index: number): Uint8Array => bytes.subarray(offsets[index], offsets[index + 1]);
  const json = (index: number): unknown => JSON.parse(decoder.decode(part(index)));
  const buffers = Array.from({ length: offsets.length - 1 - FIXED_PARTS }, (_, index) => part(FIXED_PARTS + index));
  return checkMessage({
    channel: decoder.decode(part(0)),
    header: json(1),
    parent_header: json(2),
    metadata: json(3),
    content: json(4),
    buffers
  });
}

function readOffsets(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.byteLength >= 8 ? view.getBigUint64(0, true) : 0n;
  if (count < FIXED_PARTS + 1 || 8n * (count + 1n) > BigInt(bytes.byteLength)) {
    throw new Error('The message has no table of offsets.');
  }
  const offsets = Array.from({ length: Number(count) }, (_, index) => Number(view.getBigUint64(8 * (index + 1), true)));
  let before = 8 * (offsets.length + 1);
  for (const offset of offsets) {
    if (offset < before || offset > bytes.byteLength) throw new Error('The message has offsets outside of its bytes.');
    before = offset;
  }
  return offsets;
}
