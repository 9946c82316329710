import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnKind, WindowMessage } from 'kernel-gateway/protocol';
import { decodeWindow, type WireBuffer } from './column-buffers.js';

const losses = { kernel: '0', kernel_known: true, agent: '0', evicted: '0' };

function message(count: number, columns: { name: string; kind: ColumnKind }[]): WindowMessage {
  return { type: 'window', first: 7, count, matching: '100', total: '200', columns, losses, state: 'live' };
}

/** Puts bytes at an odd offset into a larger buffer, as a websocket frame does. */
function embed(bytes: Uint8Array): DataView {
  const outer = new Uint8Array(bytes.length + 11);
  outer.set(bytes, 3);
  return new DataView(outer.buffer, 3, bytes.length);
}

function encode(kind: Exclude<ColumnKind, 'text'>, values: (bigint | number)[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((value, row) => {
    if (kind === 'f64') {
      view.setFloat64(row * 8, Number(value), true);
    } else if (kind === 'i64') {
      view.setBigInt64(row * 8, BigInt(value), true);
    } else {
      view.setBigUint64(row * 8, BigInt(value), true);
    }
  });
  return new Uint8Array(view.buffer);
}

function encodeText(values: string[]): [Uint8Array, Uint8Array] {
  const parts = values.map(value => new TextEncoder().encode(value));
  const offsets = new DataView(new ArrayBuffer((values.length + 1) * 4));
  let end = 0;
  parts.forEach((part, row) => {
    end += part.length;
    offsets.setUint32((row + 1) * 4, end, true);
  });
  const bytes = new Uint8Array(end);
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return [new Uint8Array(offsets.buffer), bytes];
}

describe('decodeWindow', () => {
  it('gives back every value of every kind, whatever the buffers lie in', () => {
    const row = fc.record({
      u: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      i: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
      f: fc.double({ noNaN: true }),
      t: fc.string({ unit: 'grapheme' })
    });
    const columns: { name: string; kind: ColumnKind }[] = [
      { name: 't', kind: 'text' },
      { name: 'u', kind: 'u64' },
      { name: 'i', kind: 'i64' },
      { name: 'f', kind: 'f64' }
    ];
    fc.assert(
      fc.property(fc.array(row), rows => {
        const [offsets, bytes] = encodeText(rows.map(({ t }) => t));
        const buffers: WireBuffer[] = [
          embed(offsets),
          embed(bytes),
          embed(
            encode(
              'u64',
              rows.map(({ u }) => u)
            )
          ),
          embed(
            encode(
              'i64',
              rows.map(({ i }) => i)
            )
          ),
          embed(
            encode(
              'f64',
              rows.map(({ f }) => f)
            )
          )
        ];
        const window = decodeWindow(message(rows.length, columns), buffers);
        rows.forEach(({ u, i, f, t }, index) => {
          expect(window.cell(index, 'u')).toBe(u.toString());
          expect(window.cell(index, 'i')).toBe(i.toString());
          expect(window.cell(index, 'f')).toBe(String(f));
          expect(window.cell(index, 't')).toBe(t);
        });
      })
    );
  });

  it('takes plain array buffers and keeps the counts', () => {
    const { buffer } = encode('u64', [5n]);
    const window = decodeWindow(message(1, [{ name: 'pid', kind: 'u64' }]), [buffer as ArrayBuffer]);
    expect([window.first, window.count, window.matching, window.total]).toEqual([7, 1, 100, '200']);
    expect(window.cell(0, 'pid')).toBe('5');
  });

  it('is empty outside its rows and columns', () => {
    const window = decodeWindow(message(1, [{ name: 'pid', kind: 'u64' }]), [encode('u64', [5n])]);
    expect([window.cell(-1, 'pid'), window.cell(1, 'pid'), window.cell(0, 'uid')]).toEqual(['', '', '']);
  });

  it('takes an empty window whose text has no offsets', () => {
    const window = decodeWindow(message(0, [{ name: 'comm', kind: 'text' }]), [new Uint8Array(), new Uint8Array()]);
    expect(window.count).toBe(0);
  });

  it('refuses missing and short buffers', () => {
    const columns: { name: string; kind: ColumnKind }[] = [
      { name: 'a', kind: 'u64' },
      { name: 'b', kind: 'u64' }
    ];
    expect(() => decodeWindow(message(1, columns), [new Uint8Array(8)])).toThrow('1 buffers');
    expect(() => decodeWindow(message(2, columns), [new Uint8Array(8), new Uint8Array(16)])).toThrow('"a" has 8 bytes');
  });
});
