/**
 * The file of a recorded AgentChannel, version 1. All numbers little-endian.
 *
 * file   = "BPFLREC\0" | u32 version | u32 header length | header (JSON) | record …
 * record = u32 length of the bytes | u8 side | u64 time in µs since the first byte | bytes
 *
 * A recorder that was killed leaves a file that ends in the middle of a record; the whole ones before it count.
 */
import { z } from 'zod';
import { LabError } from '../../protocol/index.js';

const MAGIC = Buffer.from('BPFLREC\0', 'latin1');
const VERSION = 1;
const RECORD_HEADER_BYTES = 13;

/** Who wrote the bytes of a record; `closed`: the channel ended, the bytes are the reason (UTF-8), none when we closed it. */
export const RecordSide = { gateway: 0, agent: 1, closed: 2 } as const;
/** One of the numbers of `RecordSide`. */
export type RecordSideNumber = (typeof RecordSide)[keyof typeof RecordSide];

const headerSchema = z.object({
  target: z.string(),
  /** Session that was recorded; replies and events name it. */
  session: z.string(),
  /** ISO 8601, UTC. */
  recorded_at: z.string()
});

/** What was recorded, and when. */
export type RecordingHeader = z.output<typeof headerSchema>;

/** Bytes that went one way at a time. */
export interface RecordedBytes {
  side: RecordSideNumber;
  timeUs: bigint;
  bytes: Uint8Array;
}

/** A whole recording in memory. */
export interface Recording {
  header: RecordingHeader;
  records: RecordedBytes[];
}

/** The bytes with which a recording file begins. */
export function encodeHeader(header: RecordingHeader): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32LE(VERSION, 0);
  numbers.writeUInt32LE(json.length, 4);
  return Buffer.concat([MAGIC, numbers, json]);
}

/** One record as bytes. */
export function encodeRecord({ side, timeUs, bytes }: RecordedBytes): Uint8Array {
  const front = Buffer.alloc(RECORD_HEADER_BYTES);
  front.writeUInt32LE(bytes.length, 0);
  front.writeUInt8(side, 4);
  front.writeBigUInt64LE(timeUs, 5);
  return Buffer.concat([front, bytes]);
}

/**
 * Reads a recording file's bytes.
 *
 * @throws LabError `BPFLAB_TARGET_START` when it is none, or of another version
 */
export function decodeRecording(file: Uint8Array): Recording {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < 16 || !bytes.subarray(0, 8).equals(MAGIC)) throw unreadable('it is no recording of a session');
  const version = bytes.readUInt32LE(8);
  if (version !== VERSION) throw unreadable(`it has version ${version}, this program reads version ${VERSION}`);
  const start = 16 + bytes.readUInt32LE(12);
  return { header: decodeHeader(bytes.subarray(16, start)), records: [...decodeRecords(bytes, start)] };
}

function decodeHeader(json: Buffer): RecordingHeader {
  try {
    return headerSchema.parse(JSON.parse(json.toString('utf8')));
  } catch (error) {
    throw unreadable('its header is damaged', error);
  }
}

function* decodeRecords(bytes: Buffer, start: number): Generator<RecordedBytes> {
  let at = start;
  while (at + RECORD_HEADER_BYTES <= bytes.length) {
    const end = at + RECORD_HEADER_BYTES + bytes.readUInt32LE(at);
    if (end > bytes.length) return;
    const side = bytes.readUInt8(at + 4);
    if (side > RecordSide.closed) throw unreadable(`a record at byte ${at} is damaged`);
    yield {
      side: side as RecordSideNumber,
      timeUs: bytes.readBigUInt64LE(at + 5),
      bytes: bytes.subarray(at + RECORD_HEADER_BYTES, end)
    };
    at = end;
  }
}

const unreadable = (why: string, cause?: unknown): LabError =>
  new LabError('BPFLAB_TARGET_START', `Cannot read the recording — ${why}.`, {
    hint: 'Choose a file that bpflab recorded.',
    cause
  });
