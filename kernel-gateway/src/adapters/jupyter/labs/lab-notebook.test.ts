import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labNotebook } from './lab-notebook.js';

const origin = { id: 'start/01', language: 'en' };
const cells = (markdown: string): [string, string][] =>
  labNotebook(markdown, origin).cells.map(cell => [cell.cell_type, cell['source'] as string]);

describe('a lab as a notebook', () => {
  it('makes code cells of fenced blocks with the word "cell", and Markdown of all else', () => {
    const markdown = [
      '# Title',
      '',
      'Text.',
      '',
      '```c cell',
      '%%bpf x',
      'int y;',
      '```',
      '',
      '```c',
      'not a cell',
      '```',
      '- list',
      '',
      '  ```c cell',
      '  inside a list: still text',
      '  ```',
      '',
      '~~~~ cell',
      '```',
      '~~~~',
      '```text cell',
      '%stop',
      '```'
    ].join('\n');
    expect(cells(markdown)).toEqual([
      ['markdown', '# Title\n\nText.'],
      ['code', '%%bpf x\nint y;'],
      ['markdown', '```c\nnot a cell\n```\n- list\n\n  ```c cell\n  inside a list: still text\n  ```'],
      ['code', '```'],
      ['code', '%stop']
    ]);
  });

  it('gives cells the same ids each time, all different', () => {
    const ids = (markdown: string): unknown[] => labNotebook(markdown, origin).cells.map(cell => cell['id']);
    const markdown = 'a\n\n```c cell\nx\n```\n\nb\n\n```c cell\nx\n```\n';
    expect(ids(markdown)).toEqual(ids(markdown));
    expect(new Set(ids(markdown)).size).toBe(4);
  });

  it('loses no text, and never throws', () => {
    const words = fc.constantFrom(
      'a',
      '\n',
      '\n\n',
      '```',
      '```c cell\n',
      ' ',
      '# ',
      '> ',
      '- ',
      '|',
      '<b>',
      '\t',
      '~~~'
    );
    fc.assert(
      fc.property(
        fc.array(words).map(parts => parts.join('')),
        text => {
          const kept = cells(text)
            .map(([, source]) => source)
            .join('');
          const letters = (value: string): number => value.match(/a/g)?.length ?? 0;
          expect(letters(kept)).toBe(letters(text));
        }
      )
    );
  });
});
