/**
 * Wire format of sockets without a subprotocol: JSON text, or with buffers binary, big-endian:
 *
 * u32 n | n × u32 offset | JSON, buffer …      (n parts; the last ends where the message ends)
 */
import type { JupyterMessage } from '../../../core/kernel/jupyter-message.js';
import { checkMessage } from './check-message.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Text, or bytes when the message has buffers. */
export function encodeJson(message: JupyterMessage): string | Uint8Array {
  const { buffers, ...rest } = message;
  // Clients look for msg_type and msg_id beside the header too, as the first front ends did.
  const text = JSON.stringify({ ...rest, buffers: [], msg_id: rest.header.msg_id, msg_type: rest.header.msg_type });
  if (buffers.length === 0) return text;
  const parts = [encoder.encode(text), ...buffers];
  let offset = 4 * (parts.length + 1);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, offset));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, parts.length);
  parts.forEach((part, index) => {
    view.setUint32(4 * (index + 1), offset);
    bytes.set(part, offset);
    offset += part.byteLength;
  });
  return bytes;
}

/**
 * Message in text or bytes; its buffers are views of them.
 *
 * @throws Error with one sentence when it is no message
 */
export function decodeJson(data: string | Uint8Array): JupyterMessage {
  if (typeof data === 'string') return checkMessage({ ...(JSON.parse(data) as object), buffers: [] });
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const count = data.byteLength >= 4 ? view.getUint32(0) : 0;
  if (count < 1 || 4 * (count + 1) > data.byteLength) throw new Error('The message has no table of offsets.');
  const offsets = Array.from({ length: count }, (_, index) => view.getUint32(4 * (index + 1)));
  offsets.push(data.byteLength);
  let before = 4 * (count + 1);
  for (const offset of offsets) {
    if (offset < before || offset > data.byteLength) throw new Error('The message has offsets outside of its bytes.');
    before = offset;
  }
  const parts = offsets.slice(0, -1).map((offset, index) => data.subarray(offset, offsets[index + 1]));
  return checkMessage({ ...(JSON.parse(decoder.decode(parts[0])) as object), buffers: parts.slice(1) });
}
