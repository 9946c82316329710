import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamText } from './stream-text.js';

function textOf(...pieces: string[]): string {
  const stream = new StreamText();
  for (const piece of pieces) stream.add(piece);
  return stream.text;
}

describe('text of a stream', () => {
  it.each([
    [['a\n', 'b'], 'a\nb'],
    [['10 %', '\r20 %'], '20 %'],
    [['10 %\r', '20 %'], '20 %'],
    [['keep\nlong line', '\rshort'], 'keep\nshortline'],
    [['a\r', '\nb'], 'a\nb'],
    [['abc', '\b\bX'], 'aXc'],
    [['\b\bX'], 'X']
  ])('%j is %j', (pieces, text) => {
    expect(textOf(...pieces)).toBe(text);
  });

  it('is the same however it was cut into pieces', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\b', '\n', 'é') });
    fc.assert(fc.property(fc.array(text), pieces => textOf(...pieces) === textOf(pieces.join(''))));
  });
});
