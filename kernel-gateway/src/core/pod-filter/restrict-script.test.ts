import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../protocol/index.js';
import { restrictScript } from './restrict-script.js';

const only = (script: string): string => restrictScript(script, [7n, 18_446_744_073_709_551_615n]).text;
const BEGIN = 'BEGIN { @bpflab_pods[(uint64)7] = 1; @bpflab_pods[(uint64)18446744073709551615] = 1; }\n';

describe('restrictScript', () => {
  it('gives every probe that has a task a predicate, and keeps its own', () => {
    expect(only('kprobe:vfs_read { @ = count(); }')).toBe(
      `kprobe:vfs_read /@bpflab_pods[cgroup]/ { @ = count(); }\n${BEGIN}`
    );
    expect(only('t:syscalls:sys_enter_openat /pid == 1 || 4 / 2 == 2/ { @ = count(); }')).toBe(
      `t:syscalls:sys_enter_openat /@bpflab_pods[cgroup] && (pid == 1 || 4 / 2 == 2)/ { @ = count(); }\n${BEGIN}`
    );
  });

  it('takes a path for no predicate', () => {
    expect(only('uprobe:/bin/bash:readline,\nuretprobe:/bin/bash:readline /@a/ { @ = 1 }')).toContain(
      'uretprobe:/bin/bash:readline /@bpflab_pods[cgroup] && (@a)/ {'
    );
    expect(only('usdt:/usr/lib/libc.so.6:setjmp { @ = 1 }')).toContain('setjmp /@bpflab_pods[cgroup]/ {');
  });

  it('leaves alone what has no task, and begins with what is there', () => {
    const { text, open } = restrictScript('BEGIN { printf("{"); }\ninterval:s:1 { print(@); }\nk:f { @ = 1 } END { }', [
      7n
    ]);
    expect(text).toBe(
      'BEGIN { @bpflab_pods[(uint64)7] = 1;  printf("{"); }\ninterval:s:1 { print(@); }\nk:f /@bpflab_pods[cgroup]/ { @ = 1 } END { }'
    );
    expect(open).toEqual(['BEGIN', 'interval:s:1', 'END']);
  });

  it('reads over comments, texts and definitions', () => {
    const script =
      '#include <linux/fs.h>\nconfig = { stack_mode = perf }\nstruct a { int x; };\n// k:g { }\n/* / */ k:f /* { */ { if (1) { printf("}"); } }';
    const { text } = restrictScript(script, []);
    expect(text).toContain('k:f /* { */ /@bpflab_pods[cgroup]/ { if');
    expect(text.split('\n').slice(0, 4)).toEqual(script.split('\n').slice(0, 4));
  });

  it.each([
    ['BEGIN { }', 'none of its probes'],
    ['k:f', 'no block'],
    ['k:f {', 'not closed'],
    ['k:f / 1 ', 'no end']
  ])('refuses %j', (script, words) => {
    expect(() => restrictScript(script, [])).toThrow(words);
  });

  it('throws nothing but its own error', () => {
    const part = fc.constantFrom('k:f', ' ', '/', '{', '}', '"', '//', '/*', '*/', '\n', 'BEGIN', ',', 'struct a', '#');
    fc.assert(
      fc.property(fc.array(part), parts => {
        try {
          restrictScript(parts.join(''), [1n]);
        } catch (error) {
          expect(error).toBeInstanceOf(LabError);
        }
      })
    );
  });
});
