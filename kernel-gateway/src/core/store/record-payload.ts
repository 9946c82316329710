import { CPU_UNKNOWN, DATA_HEADER_BYTES, RECORD_HEADER_BYTES } from '../../protocol/index.js';

/** Records as a DATA payload of a record stream (protocol/agent-frames.ts), for rows that were not received as such. */
export function recordPayload(
  header: { seq: number; lost: bigint; monoNs: bigint },
  records: Uint8Array[]
): Uint8Array {
  const padded = (length: number): number => length + (-length & 7);
  const size = records.reduce((sum, record) => sum + RECORD_HEADER_BYTES + padded(record.length), DATA_HEADER_BYTES);
  const payload = new Uint8Array(size);
  const view = new DataView(payload.buffer);
  view.setBigUint64(0, BigInt(header.seq), true);
  view.setBigUint64(8, header.lost, true);
  view.setBigUint64(16, header.monoNs, true);
  let at = DATA_HEADER_BYTES;
  for (const record of records) {
    view.setUint32(at, record.length, true);
    view.setUint32(at + 4, CPU_UNKNOWN, true);
    payload.set(record, at + RECORD_HEADER_BYTES);
    at += RECORD_HEADER_BYTES + padded(record.length);
  }
  return payload;
}
