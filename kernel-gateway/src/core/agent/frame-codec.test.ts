import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameKind, MAX_PAYLOAD_BYTES, type Frame } from '../../protocol/index.js';
import { encodeFrame } from './encode-frame.js';
import { FrameDecoder } from './frame-decoder.js';

const frame = fc.record({
  kind: fc.constantFrom(...Object.values(FrameKind)),
  stream: fc.integer({ min: 0, max: 0xffffffff }),
  payload: fc.uint8Array({ maxLength: 300 })
});

/** Cuts bytes at the given places, which may repeat (empty chunks). */
function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const borders = [0, ...places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return borders.slice(1).map((end, index) => bytes.slice(borders[index], end));
}

function decodeAll(chunks: Uint8Array[]): { frames: Frame[]; decoder: FrameDecoder } {
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk, frame => frames.push({ ...frame, payload: new Uint8Array(frame.payload) }));
  }
  return { frames, decoder };
}

describe('FrameDecoder', () => {
  it('gives back every encoded frame, wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 30 }), (frames, places) => {
        const bytes = new Uint8Array(Buffer.concat(frames.map(encodeFrame)));
        const decoded = decodeAll(cut(bytes, places));
        expect(decoded.frames).toEqual(frames);
        expect(decoded.decoder.isAtBorder).toBe(true);
      }),
      { numRuns: 500 }
    );
  });

  it('keeps a frame that is one byte short', () => {
    fc.assert(
      fc.property(frame, one => {
        const bytes = encodeFrame(one);
        const { frames, decoder } = decodeAll([bytes.subarray(0, bytes.length - 1)]);
        expect(frames).toEqual([]);
        expect(decoder.isAtBorder).toBe(false);
      })
    );
  });

  it('gathers a frame of the longest payload from many chunks', () => {
    const payload = new Uint8Array(MAX_PAYLOAD_BYTES).map((_, index) => index * 7);
    const bytes = encodeFrame({ kind: FrameKind.data, stream: 5, payload });
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 65_536) {
      chunks.push(bytes.subarray(at, at + 65_536));
    }
    const { frames } = decodeAll(chunks);
    expect(frames).toHaveLength(1);
    expect(Buffer.compare(frames[0]?.payload ?? new Uint8Array(), payload)).toBe(0);
  });

  it('never does worse on noise than one thrown sentence', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), chunks => {
        try {
          decodeAll(chunks);
        } catch (error) {
          expect((error as Error).message).toMatch(/^a frame of/);
        }
      }),
      { numRuns: 500 }
    );
  });

  it('refuses a length outside the limits and an unknown kind', () => {
    expect(() => decodeAll([new Uint8Array([4, 0, 0, 0, 5, 0, 0, 0, 0])])).toThrow('outside');
    expect(() => decodeAll([new Uint8Array([255, 255, 255, 255, 5, 0, 0, 0, 0])])).toThrow('outside');
    expect(() => decodeAll([new Uint8Array([5, 0, 0, 0, 77, 0, 0, 0, 0])])).toThrow('unknown kind 77');
  });
});
