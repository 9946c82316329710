import { describe, expect, it } from 'vitest';
import { InputHistory } from './input-history.js';

const history = new InputHistory(3);
['forgotten', 'int x;', '%maps', 'int x;'].forEach((text, index) => history.add(index + 1, text));
const lines = (request: Record<string, unknown>): unknown =>
  (history.answer(request)['history'] as [number, number, string][]).map(([, line]) => line);

describe('the input history', () => {
  it('gives the newest, and keeps a bounded number', () => {
    expect(lines({ hist_access_type: 'tail', n: 2 })).toEqual([3, 4]);
    expect(lines({ hist_access_type: 'tail', n: 100 })).toEqual([2, 3, 4]);
    expect(lines({ hist_access_type: 'tail', n: 0 })).toEqual([]);
  });

  it('gives a range', () => {
    expect(lines({ hist_access_type: 'range', start: 2, stop: 4 })).toEqual([2, 3]);
  });

  it.each([
    ['int*', [2, 4]],
    ['*x?', [2, 4]],
    ['%maps', [3]],
    ['map', []],
    ['*a*s', [3]],
    [`${'*a'.repeat(50)}*`, []]
  ])('finds %s', (pattern, found) => {
    expect(lines({ hist_access_type: 'search', pattern, n: 10 })).toEqual(found);
  });

  it('gives the newest of equal ones when asked', () => {
    expect(lines({ hist_access_type: 'search', pattern: 'int*', unique: true, n: 10 })).toEqual([4]);
  });

  it('pairs the text with no output when asked', () => {
    expect(history.answer({ hist_access_type: 'tail', n: 1, output: true })['history']).toEqual([
      [0, 4, ['int x;', null]]
    ]);
  });
});
