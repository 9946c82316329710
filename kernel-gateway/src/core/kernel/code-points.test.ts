import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCodePoints, toUtf16Index } from './code-points.js';

describe('code points and UTF-16', () => {
  it('are the same place both ways', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, n) => {
        const points = [...text];
        const count = n % (points.length + 1);
        const index = points.slice(0, count).join('').length;
        expect([toUtf16Index(text, count), toCodePoints(text, index)]).toEqual([index, count]);
      })
    );
  });

  it('stay within the text', () => {
    expect([toUtf16Index('ab', 9), toCodePoints('ab', 9), toUtf16Index('ab', -1), toUtf16Index('ab', NaN)]).toEqual([
      2, 2, 0, 0
    ]);
  });
});
