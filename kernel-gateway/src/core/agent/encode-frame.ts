import { FRAME_HEADER_BYTES, MAX_PAYLOAD_BYTES, type Frame } from '../../protocol/index.js';

/**
 * One frame as bytes: header and payload in fresh memory of exact length.
 *
 * @throws Error when the payload is longer than the protocol allows; the caller splits data before
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const { kind, stream, payload } = frame;
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new Error(`a payload of ${payload.length} bytes is longer than the protocol allows`);
  }
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length - 4, true);
  view.setUint8(4, kind);
  view.setUint32(5, stream, true);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}
