import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteWord, splitWords } from './split-words.js';

describe('splitWords', () => {
  it('quotes as a shell does and expands nothing', () => {
    const split = splitWords(`a 'b c' "d \\"e\\" $x" f\\ g '' --h='i j'`);
    expect(split.ok && split.words.map(word => word.text)).toEqual(['a', 'b c', 'd "e" $x', 'f g', '', '--h=i j']);
  });

  it('says where a quote is not closed', () => {
    expect(splitWords('ab "c')).toEqual({ ok: false, message: 'the quote " is not closed', column: 3 });
  });

  it('reads back what quoteWord wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), words => {
        const split = splitWords(words.map(quoteWord).join(' '));
        expect(split.ok && split.words.map(word => word.text)).toEqual(words);
      })
    );
  });
});
