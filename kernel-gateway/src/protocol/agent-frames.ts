/**
 * The bytes between gateway and agent.
 *
 * frame = u32 length | u8 kind | u32 stream | payload, little-endian; `length` counts what follows it
 * (5 + payload). The channel is any duplex byte stream (virtio-serial port, exec socket, pipe, recording).
 * Stream 0 carries control; a DATA stream is opened by a request that names it, and belongs to that request.
 */

/** Kinds of frames; the same numbers stand in bpf/agent/proto.h, and test/fixtures/agent keeps both equal. */
export const FrameKind = {
  /** Either side, stream 0, once and first: JSON `ClientHello` / `AgentHello`. */
  hello: 1,
  /** Gateway to agent, stream 0: JSON `Request`. */
  request: 2,
  /** Agent to gateway, stream 0: JSON `Reply`. */
  reply: 3,
  /** Agent to gateway, stream 0: JSON `AgentEvent`. */
  event: 4,
  /** Either side, stream > 0: raw bytes, see `DataHeader` for record streams. Costs credit. */
  data: 5,
  /** Either side, stream > 0: the sender will send no more DATA on this stream. No payload. */
  end: 6,
  /** Receiver of a stream: u32 more payload bytes may be sent on it. Streams start with `INITIAL_CREDIT_BYTES`. */
  credit: 7,
  /** Either side, stream 0: u64 token, answered by `pong` with the same token. Every `HEARTBEAT_MS` when idle. */
  ping: 8,
  pong: 9
} as const;

/** One of the numbers of `FrameKind`. */
export type FrameKindNumber = (typeof FrameKind)[keyof typeof FrameKind];

/** Bytes in front of a payload: u32 length, u8 kind, u32 stream. */
export const FRAME_HEADER_BYTES = 9;
/** Longest accepted payload; a longer one is a protocol error that closes the channel. */
export const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;
/** DATA payload bytes that may be sent on a new stream before the first CREDIT. */
export const INITIAL_CREDIT_BYTES = 1024 * 1024;
/** A side that has sent nothing for this long sends a ping. */
export const HEARTBEAT_MS = 2000;

/** One decoded frame; `payload` is a view of the decoder's memory and is only valid until the next `push`. */
export interface Frame {
  kind: FrameKindNumber;
  stream: number;
  payload: Uint8Array;
}

/**
 * Header of every DATA payload of a *record stream* (ring, perf, printk, iterator text, map batch); streams of plain
 * bytes (stdout, files, logs) have none.
 *
 * u64 seq        number of the first record in this payload, counted from 0 over the stream's life
 * u64 lost       records lost so far on this stream, by the agent (no credit) and, where the kernel says so, by the kernel
 * u64 mono_ns    CLOCK_MONOTONIC of the target when the agent read the batch
 * then records: u32 length | u32 cpu (0xffffffff: not known) | bytes, padded with zeros to a multiple of 8
 */
export const DATA_HEADER_BYTES = 24;
/** Bytes in front of each record of a record stream. */
export const RECORD_HEADER_BYTES = 8;
/** `cpu` of a record whose CPU is not known (ring buffers). */
export const CPU_UNKNOWN = 0xffffffff;
