import { Text } from '@codemirror/state';
import { nullTranslator } from '@jupyterlab/translation';
import type { CheckedItem } from 'kernel-gateway/protocol';
import { describe, expect, it } from 'vitest';
import { checkedDiagnostics } from './checked-diagnostics.js';

const trans = nullTranslator.load('bpflab');
const text = Text.of(['#include "own.h"', 'int f(void) {', '    /* é */ return tsk', '}']);
const item = (more: Partial<CheckedItem>): CheckedItem => ({
  ...{ severity: 'error', line: 3, column: 20, end_line: 3, end_column: 23, message: 'wrong', file: '', fixes: [] },
  ...more
});

describe('checkedDiagnostics', () => {
  it('marks ranges in columns of the editor', () => {
    const [mark] = checkedDiagnostics(text, [item({})], trans);
    expect(text.sliceString(mark!.from, mark!.to)).toBe('tsk');
  });

  it('offers the fixes as one action', () => {
    const fix = { line: 3, column: 20, end_line: 3, end_column: 23, text: 'task' };
    const semicolon = { line: 3, column: 23, end_line: 3, end_column: 23, text: ';' };
    const [changed, inserted] = checkedDiagnostics(
      text,
      [item({ fixes: [fix] }), item({ column: 22, fixes: [semicolon] })],
      trans
    );
    expect(changed!.actions!.map(action => action.name)).toEqual(['Change to "task"']);
    expect(inserted!.actions!.map(action => action.name)).toEqual(['Insert ";"']);
  });

  it('puts a note to its message, and a fault of a header to its include', () => {
    const marks = checkedDiagnostics(
      text,
      [item({}), item({ severity: 'note', message: 'declared here' }), item({ file: 'own.h', line: 9 })],
      trans
    );
    expect(marks.map(mark => mark.message)).toEqual(['own.h:9: wrong', 'wrong\ndeclared here']);
    expect(marks[0]!.from).toBe(0);
  });

  it('keeps marks inside a text that has become shorter', () => {
    const [mark] = checkedDiagnostics(Text.of(['x']), [item({ line: 99, column: 99, end_line: 99 })], trans);
    expect(mark!.to).toBeLessThanOrEqual(1);
  });
});
