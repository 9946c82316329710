import {
  FRAME_HEADER_BYTES,
  FrameKind,
  MAX_PAYLOAD_BYTES,
  type Frame,
  type FrameKindNumber
} from '../../protocol/index.js';
import { ProtocolFault } from './protocol-fault.js';

const LENGTH_BYTES = 4;
/** `length` counts kind and stream, which stand in front of the payload. */
const COUNTED_HEADER_BYTES = FRAME_HEADER_BYTES - LENGTH_BYTES;
const KINDS: ReadonlySet<number> = new Set(Object.values(FrameKind));

/**
 * Cuts a byte stream into frames, whatever the borders of its chunks. A frame that lies within one chunk is a view of
 * that chunk; one that spans chunks is gathered once, into memory of exactly its size.
 */
export class FrameDecoder {
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerBytes = 0;
  #payload: Uint8Array | null = null;
  #payloadBytes = 0;

  /**
   * Takes the next bytes, in order, and calls `onFrame` for every frame that they complete. Payloads are never
   * overwritten, so a caller that hands over its chunks may keep them.
   *
   * @throws ProtocolFault with one sentence when the bytes are no frames; the decoder must not be used after that
   */
  push(chunk: Uint8Array, onFrame: (frame: Frame) => void): void {
    let at = 0;
    while (at < chunk.length) {
      at =
        this.#isBetweenFrames() && chunk.length - at >= FRAME_HEADER_BYTES
          ? this.#takeWhole(chunk, at, onFrame)
          : this.#takePart(chunk, at, onFrame);
    }
  }

  /** True when no part of a frame is held back: the stream may end here. */
  get isAtBorder(): boolean {
    return this.#isBetweenFrames();
  }

  #isBetweenFrames(): boolean {
    return this.#headerBytes === 0 && this.#payload === null;
  }

  #takeWhole(chunk: Uint8Array, at: number, onFrame: (frame: Frame) => void): number {
    const { kind, stream, payloadBytes } = readHeader(chunk, at);
    const start = at + FRAME_HEADER_BYTES;
    const end = start + payloadBytes;
    if (end <= chunk.length) {
      onFrame({ kind, stream, payload: chunk.subarray(start, end) });
      return end;
    }
    this.#header.set(chunk.subarray(at, start));
    this.#headerBytes = FRAME_HEADER_BYTES;
    this.#payload = new Uint8Array(payloadBytes);
    this.#payload.set(chunk.subarray(start));
    this.#payloadBytes = chunk.length - start;
    return chunk.length;
  }

  #takePart(chunk: Uint8Array, from: number, onFrame: (frame: Frame) => void): number {
    let at = from;
    if (this.#headerBytes < FRAME_HEADER_BYTES) {
      const count = Math.min(FRAME_HEADER_BYTES - this.#headerBytes, chunk.length - at);
      this.#header.set(chunk.subarray(at, at + count), this.#headerBytes);
      this.#headerBytes += count;
      at += count;
      if (this.#headerBytes < FRAME_HEADER_BYTES) {
        return at;
      }
      this.#payload = new Uint8Array(readHeader(this.#header, 0).payloadBytes);
      this.#payloadBytes = 0;
    }
    const payload = this.#payload ?? new Uint8Array(0);
    const count = Math.min(payload.length - this.#payloadBytes, chunk.length - at);
    payload.set(chunk.subarray(at, at + count), this.#payloadBytes);
    this.#payloadBytes += count;
    if (this.#payloadBytes === payload.length) {
      const { kind, stream } = readHeader(this.#header, 0);
      this.#headerBytes = 0;
      this.#payload = null;
      onFrame({ kind, stream, payload });
    }
    return at + count;
  }
}

function readHeader(bytes: Uint8Array, at: number): { kind: FrameKindNumber; stream: number; payloadBytes: number } {
  const length = readU32(bytes, at);
  const payloadBytes = length - COUNTED_HEADER_BYTES;
  if (payloadBytes < 0 || payloadBytes > MAX_PAYLOAD_BYTES) {
    throw new ProtocolFault(`a frame of ${length} bytes is outside the protocol's limits`);
  }
  const kind = bytes[at + LENGTH_BYTES] ?? 0;
  if (!KINDS.has(kind)) {
    throw new ProtocolFault(`a frame of unknown kind ${kind}`);
  }
  return { kind: kind as FrameKindNumber, stream: readU32(bytes, at + LENGTH_BYTES + 1), payloadBytes };
}

function readU32(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  return (low | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}
