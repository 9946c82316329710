import { describe, expect, it } from 'vitest';
import { readCheckedItems } from './checked-items.js';

const places = {
  cellFile: 'x.bpf.c',
  sessionFolder: '/session',
  cellLines: ['int f(void)', '{ /* é */ return tsk;', '}']
};

describe('readCheckedItems', () => {
  it('gives each message its fixes, at columns of the editor', () => {
    const output = [
      "x.bpf.c:2:18: error: use of undeclared identifier 'tsk'; did you mean 'task'?",
      '    2 | { /* é */ return tsk;',
      '      |                  ^~~',
      'fix-it:"x.bpf.c":{2:19-2:22}:"task"',
      'x.bpf.c:3:1: warning: odd',
      'fix-it:"other.h":{1:1-1:1}:"x"',
      'fix-it:"x.bpf.c":{3:1-3:1}:"a\\"b\\n\\303\\251"'
    ].join('\n');
    expect(readCheckedItems(output, places)).toMatchObject([
      { severity: 'error', line: 2, fixes: [{ line: 2, column: 18, end_line: 2, end_column: 21, text: 'task' }] },
      { severity: 'warning', fixes: [{ line: 3, column: 1, end_column: 1, text: 'a"b\né' }] }
    ]);
  });

  it('says a repeated message once', () => {
    const line = 'x.bpf.c:1:1: error: twice';
    expect(readCheckedItems(`${line}\n${line}\nfix-it:"x.bpf.c":{1:1-1:1}:"y"`, places)).toHaveLength(1);
  });

  it('reads what is none without throwing', () => {
    expect(readCheckedItems('fix-it:"x.bpf.c":{1:1-1:1}:"y"\nfix-it:\nnothing', places)).toEqual([]);
  });
});
