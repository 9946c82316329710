import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readableDiagnostics, readClangDiagnostics } from './clang-diagnostics.js';

const places = {
  cellFile: 'probe.bpf.c',
  sessionFolder: '/session',
  cellLines: ['int a;', 'äö😀 nope = 1;', '\treturn BPF_CORE_READ((struct task_struct *)0, nope);']
};
const read = (text: string): string[] =>
  readClangDiagnostics(text, places).map(
    item =>
      `${item.severity} ${item.file}:${item.line}:${item.column}-${item.end_line}:${item.end_column} ${item.message}`
  );

/* Written by clang 19.1.7 with -fdiagnostics-print-source-range-info, and by gcc 14.2. */
const RECORDED = `In file included from probe.bpf.c:1:
/session/inc/my.h:2:32: error: use of undeclared identifier 'y'
    2 | static int bad(int x) { return y; }
      |                                ^
probe.bpf.c:3:48:{3:9-3:53}{3:10-3:20}: error: no member named 'nope' in 'struct task_struct'
/usr/include/bpf/bpf_core_read.h:526:17:{526:10-526:34}: note: expanded from macro 'BPF_CORE_READ'
error: probe.bpf.c:3:2: in function f i32 (ptr): too many arguments
fatal error: error in backend: Cannot select: 0x1
probe.bpf.c:2:10: warning: unused variable 'x' [-Wunused-variable]
2 warnings and 1 error generated.
`;

describe('readClangDiagnostics', () => {
  it('reads messages of the compiler, the session and the back end at their places', () => {
    expect(read(RECORDED)).toEqual([
      "error inc/my.h:2:32-2:33 use of undeclared identifier 'y'",
      "error :3:48-3:53 no member named 'nope' in 'struct task_struct'",
      "note bpf_core_read.h:526:17-526:34 expanded from macro 'BPF_CORE_READ'",
      'error :3:2-3:8 in function f i32 (ptr): too many arguments',
      'error :0:0-0:0 error in backend: Cannot select: 0x1',
      "warning :2:6-2:10 unused variable 'x' [-Wunused-variable]"
    ]);
  });

  it('says the same thing once', () => {
    const line = 'probe.bpf.c:1:1: error: twice\n';
    expect(read(line + line)).toHaveLength(1);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), text => void readClangDiagnostics(`probe.bpf.c:${text}: error: ${text}`, places))
    );
  });
});

describe('readableDiagnostics', () => {
  it('leaves out what is for machines', () => {
    expect(readableDiagnostics(RECORDED, '/session').split('\n').slice(1, 5)).toEqual([
      "inc/my.h:2:32: error: use of undeclared identifier 'y'",
      '    2 | static int bad(int x) { return y; }',
      '      |                                ^',
      "probe.bpf.c:3:48: error: no member named 'nope' in 'struct task_struct'"
    ]);
  });
});
