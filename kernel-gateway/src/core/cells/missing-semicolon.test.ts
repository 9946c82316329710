import { expect, it } from 'vitest';
import { readCheckedItems } from '../language/checked-items.js';
import { readClangDiagnostics } from './clang-diagnostics.js';

const places = (text: string) => ({ cellFile: 'cell.c', sessionFolder: '/session', cellLines: text.split('\n') });

it('puts what a macro is blamed for at the statement before it that lacks its semicolon, with the fix', () => {
  const cell = places('int pid = 1 // mine\n\n    bpf_printk("x");');
  const stderr = "cell.c:3:5: error: expected expression\n/h/bpf_helpers.h:9:1: note: expanded from macro 'bpf_printk'";
  expect(readClangDiagnostics(stderr, cell)[0]).toEqual({
    severity: 'error',
    line: 1,
    column: 11,
    end_line: 1,
    end_column: 12,
    message: "expected ';' at the end of the line",
    file: ''
  });
  expect(readCheckedItems(stderr, cell)[0]?.fixes).toEqual([
    { line: 1, column: 12, end_line: 1, end_column: 12, text: ';' }
  ]);
});

it.each([
  ['a finished statement', 'int pid = 1;\n    x'],
  ['a condition', 'if (pid)\n    x'],
  ['a line that goes on', 'f(pid,\n    x'],
  ['a directive', '#define A 1\n    x'],
  ['a bracket', 'f(pid\n    )'],
  ['the first line', '\n    x']
])('leaves what stands behind %s as the compiler says it', (_, text) => {
  expect(readClangDiagnostics('cell.c:2:5: error: expected expression', places(text))[0]).toMatchObject({
    line: 2,
    message: 'expected expression'
  });
});
