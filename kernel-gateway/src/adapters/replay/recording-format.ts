/**
 * The file of a recorded session, version 2. All numbers little-endian.
 *
 * file   = "BPFLREC\0" | u32 version | u32 header length | header (JSON) | record …
 * record = u32 length of the bytes | u8 side | u8 channel | u64 time in µs since the recording began | bytes
 *
 * A record of `gateway` or `agent` is one whole frame of the channel of that number (protocol/agent-frames.ts); `opened`
 * begins a channel, `closed` ends it; a `cell` record belongs to no channel. A recorder that was killed leaves a file that
 * ends in the middle of a record; the whole ones before it count.
 */
import { z } from 'zod';
import { FRAME_HEADER_BYTES, LabError, MAX_PAYLOAD_BYTES, sessionCommandSchema } from '../../protocol/index.js';

const MAGIC = Buffer.from('BPFLREC\0', 'latin1');
const VERSION = 2;
/** Bytes before the header's JSON. */
export const FILE_FRONT_BYTES = 16;
/** Bytes before a record's own. */
export const RECORD_HEADER_BYTES = 14;
/** Longest bytes of a record: a frame of the greatest size. */
const MAX_RECORD_BYTES = FRAME_HEADER_BYTES + MAX_PAYLOAD_BYTES;
const MAX_HEADER_BYTES = 64 * 1024;

/** What a record is; `closed`: the bytes are the reason (UTF-8), none when we closed it. */
export const RecordSide = { gateway: 0, agent: 1, closed: 2, opened: 3, cell: 4 } as const;
/** One of the numbers of `RecordSide`. */
export type RecordSideNumber = (typeof RecordSide)[keyof typeof RecordSide];

const headerSchema = z.object({
  /** ISO 8601, UTC. */
  recorded_at: z.string(),
  /** Number of the first run: ids of runs have it in them. */
  first_run: z.number().int().positive(),
  /** Target of the session. */
  target: z.string()
});

/** Content of an `opened` record: which target, and the session as that target's agent knows it. */
export const openedSchema = z.object({ target: z.string(), session: z.string() });

/** Content of a `cell` record: what the person did. */
export const stepSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begin'), cell: z.string(), code: z.string() }),
  z.object({ type: z.literal('end'), cell: z.string() }),
  /** The notebook as it was saved last, for its text. */
  z.object({
    type: z.literal('notebook'),
    cells: z.array(z.object({ id: z.string(), type: z.enum(['code', 'markdown']), source: z.string() }))
  }),
  /** How long compiling, loading and attaching of a run took: where time is played, there is no telling. */
  z.object({
    type: z.literal('timed'),
    run: z.string(),
    timing_us: z.object({
      compile: z.number(),
      load: z.number(),
      attach: z.number(),
      verify: z.number().exactOptional()
    })
  }),
  /** A button, a value: what is asked of the session outside of cells. */
  z.object({ type: z.literal('command'), command: sessionCommandSchema })
]);

/** See `stepSchema`. */
export type RecordedStep = z.output<typeof stepSchema>;

/** What was recorded, and when. */
export type RecordingHeader = z.output<typeof headerSchema>;

/** One record. */
export interface RecordedBytes {
  side: RecordSideNumber;
  channel: number;
  timeUs: bigint;
  bytes: Uint8Array;
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
export function encodeRecord({ side, channel, timeUs, bytes }: RecordedBytes): Uint8Array {
  const front = Buffer.alloc(RECORD_HEADER_BYTES);
  front.writeUInt32LE(bytes.length, 0);
  front.writeUInt8(side, 4);
  front.writeUInt8(channel, 5);
  front.writeBigUInt64LE(timeUs, 6);
  return Buffer.concat([front, bytes]);
}

/**
 * Length of the header's JSON, from the first `FILE_FRONT_BYTES` of a file.
 *
 * @throws LabError `BPFLAB_TARGET_START` when it is no recording, or of another version
 */
export function decodeFront(bytes: Buffer): number {
  if (bytes.length < FILE_FRONT_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) {
    throw unreadable('it is no recording of a session');
  }
  const version = bytes.readUInt32LE(8);
  if (version !== VERSION) throw unreadable(`it has version ${version}, this program reads version ${VERSION}`);
  const length = bytes.readUInt32LE(12);
  if (length > MAX_HEADER_BYTES) throw unreadable('its header is damaged');
  return length;
}

/** The header from its JSON. @throws LabError `BPFLAB_TARGET_START` */
export function decodeHeader(json: Buffer): RecordingHeader {
  try {
    return headerSchema.parse(JSON.parse(json.toString('utf8')));
  } catch (error) {
    throw unreadable('its header is damaged', error);
  }
}

/** A record without its bytes, from its first `RECORD_HEADER_BYTES`. @throws LabError `BPFLAB_TARGET_START` */
export function decodeRecordHeader(
  front: Buffer,
  offset: number
): Omit<RecordedBytes, 'bytes'> & { byteCount: number } {
  const byteCount = front.readUInt32LE(0);
  const side = front.readUInt8(4);
  if (side > RecordSide.cell || byteCount > MAX_RECORD_BYTES) {
    throw unreadable(`a record at byte ${offset} is damaged`);
  }
  return {
    side: side as RecordSideNumber,
    channel: front.readUInt8(5),
    timeUs: front.readBigUInt64LE(6),
    byteCount
  };
}

/** Says that a file cannot be played. */
export const unreadable = (why: string, cause?: unknown): LabError =>
  new LabError('BPFLAB_TARGET_START', `Cannot read the recording — ${why}.`, {
    hint: 'Choose a file that bpflab recorded.',
    cause
  });
