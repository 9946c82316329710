import { DATA_HEADER_BYTES, RECORD_HEADER_BYTES } from '../../protocol/index.js';

/** Visits the records of a DATA payload (protocol/agent-frames.ts); the bytes are the payload's own, not a copy. */
export function eachRecord(payload: Uint8Array, take: (bytes: Uint8Array) => void): void {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let at = DATA_HEADER_BYTES; at + RECORD_HEADER_BYTES <= payload.length;) {
    const length = view.getUint32(at, true);
    take(payload.subarray(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + length));
    at += RECORD_HEADER_BYTES + ((length + 7) & ~7);
  }
}
