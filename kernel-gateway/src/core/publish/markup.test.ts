import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, markup } from './markup.js';

describe('HTML of a published page', () => {
  it('has no text that a browser would read as markup', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const { html } = markup`<p title="${text}">${text}</p>`;
        expect(html.slice(3, -4)).not.toMatch(/<\/?[a-z]/i);
        expect(escapeText(text)).not.toMatch(/[<>"']/);
      })
    );
  });

  it('joins lists, leaves nothing for null, and takes markup as it is', () => {
    expect(markup`<ul>${['<a>', 'b'].map(one => markup`<li>${one}</li>`)}</ul>${null}`.html).toBe(
      '<ul><li>&lt;a&gt;</li><li>b</li></ul>'
    );
  });

  it('shows what would turn the text around', () => {
    expect(escapeText('a\u202eb')).toBe('a\ufffdb');
  });
});
