import { describe, expect, it } from 'vitest';
import { textTable, textWidth } from './text-table.js';

describe('textWidth', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['中文', 4],
    ['ｆｕｌｌ', 8],
    ['한글', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['🚀', 2],
    ['a\u200bb', 2]
  ])('of %j is %i', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });
});

describe('textTable', () => {
  it('aligns numbers right and text left, counting cells of the terminal', () => {
    const columns = [
      { header: 'PID', right: true },
      { header: 'COMM', right: false },
      { header: 'N', right: true }
    ];
    expect(
      textTable(columns, [
        ['1', '中文字', '5'],
        ['12345', 'sh', '10']
      ])
    ).toBe(['  PID  COMM     N', '    1  中文字   5', '12345  sh      10'].join('\n'));
  });

  it('has no spaces at the end of a line', () => {
    expect(textTable([{ header: 'A', right: false }], [['longer'], ['x']])).toBe('A\nlonger\nx');
  });
});
