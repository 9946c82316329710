import { Text } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import type { DiagnosisItem } from 'kernel-gateway/protocol';
import { positionOf, rangeOf } from './cell-marks.js';

const text = Text.of(['int main(void)', '{', '    evt->pid = 1;', '    s("héé"); x;', '']);
const item = (line: number, column: number, end?: [number, number]): DiagnosisItem => ({
  severity: 'error',
  line,
  column,
  end_line: end?.[0] ?? 0,
  end_column: end?.[1] ?? 0,
  message: '',
  file: ''
});
const marked = (range: { from: number; to: number }): string => text.sliceString(range.from, range.to);

describe('rangeOf', () => {
  it('marks what the compiler names', () => {
    expect(marked(rangeOf(text, item(3, 5, [3, 8])))).toBe('evt');
  });

  it('never marks only the space before a line’s text', () => {
    expect(marked(rangeOf(text, item(3, 1, [3, 5])))).toBe('evt->pid = 1;');
    expect(marked(rangeOf(text, item(3, 1, [3, 8])))).toBe('evt');
  });

  it('marks the word where only its start is known', () => {
    expect(marked(rangeOf(text, item(3, 10)))).toBe('pid');
    expect(marked(rangeOf(text, item(3, 8)))).toBe('-');
  });

  it('marks the line’s text where no column is known', () => {
    expect(marked(rangeOf(text, item(3, 0)))).toBe('evt->pid = 1;');
  });

  it('counts columns as the editor does, behind letters of any script', () => {
    expect(marked(rangeOf(text, item(4, 15)))).toBe('x');
  });

  it('stays inside the document', () => {
    expect(positionOf(text, 99, 99)).toBe(text.length);
    expect(rangeOf(text, item(99, 99))).toEqual({ from: text.length, to: text.length });
  });
});
