import { describe, expect, it } from 'vitest';
import { rowsAsTsv } from './copy-rows.js';
import type { IRowWindow } from './row-window.js';

const rows = [
  ['1', 'bash'],
  ['2', 'a\tb'],
  ['3', 'say "hi"'],
  ['4', 'two\nlines']
];
const window: IRowWindow = {
  first: 10,
  count: rows.length,
  matching: 20,
  total: '20',
  state: 'live',
  losses: { kernel: '0', kernel_known: true, agent: '0', evicted: '0' },
  histograms: null,
  stacks: null,
  history: null,
  whereError: null,
  cell: (row, column) => rows[row]?.[column === 'pid' ? 0 : 1] ?? ''
};

describe('rowsAsTsv', () => {
  it('writes a header and quotes what would break a row', () => {
    expect(rowsAsTsv(window, ['pid', 'comm'], { first: 10, last: 13 })).toBe(
      'pid\tcomm\n1\tbash\n2\t"a\tb"\n3\t"say ""hi"""\n4\t"two\nlines"\n'
    );
  });

  it('leaves out rows that the window does not hold', () => {
    expect(rowsAsTsv(window, ['pid'], { first: 0, last: 11 })).toBe('pid\n1\n2\n');
  });
});
