import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorTable } from '../../protocol/index.js';
import { diagnose } from './diagnose.js';
import { parseVerifierLog } from './parse-log.js';

const folder = fileURLToPath(new URL('../../../../test/fixtures/verifier/', import.meta.url));
const gallery = fileURLToPath(new URL('../../../../labs/rejections/', import.meta.url));
const names = readdirSync(folder).filter(name => name.endsWith('.log'));

const entries = JSON.parse(readFileSync(`${gallery}catalog.json`, 'utf8')) as {
  name: string;
  kind: string;
  also?: string[];
}[];
const catalog = new Map(entries.map(entry => [entry.name, entry]));

const read = (name: string): { log: string; body: string; cause: string; release: string } => {
  const [, release = '', cause = ''] = /^([\d.]+)-(.*)\.log$/.exec(name) ?? [];
  const places = [`${gallery}${cause}/wrong.bpf.c`, `${folder}programs/${cause}.bpf.c`];
  const body = readFileSync(places.find(existsSync) ?? '', 'utf8');
  return { log: readFileSync(folder + name, 'utf8'), body, cause, release };
};

const run = (name: string, bodyLine = 1): ReturnType<typeof diagnose> => {
  const { log, body } = read(name);
  return diagnose({ program: '', log, message: '', functionsOf: () => [], cell: { body, bodyLine } });
};

/** The C line that each program fails at, and words of the reason that every kernel gives. */
const expected: Record<string, [source: string, reason: RegExp]> = {
  'btf-null': ['return *(int *)((void *)task + 1000000);', /access beyond struct task_struct/],
  'context-access': ['return *(int *)(ctx + 100000 / 2);', /ctx ptr R1 off=50000|bpf_context access off=50000/],
  'core-missing-field': ['struct task_struct___old *task = (void *)bpf_get_current_task();', /state_of_long_ago/],
  'endless-loop': ['i = 1;', /infinite loop detected at insn 3/],
  'global-function': ['return p->a + p->b;', /R1 invalid mem access 'mem_or_null'/],
  'gpl-only': ['bpf_printk("hello");', /cannot call GPL-restricted function/],
  'helper-not-allowed': ['bpf_override_return((void *)ctx, 1);', /bpf_override_return#58/],
  'helper-size': ['bpf_get_current_comm(&n, bpf_get_prandom_u32());', /invalid zero-sized read/],
  'lock-held': ['}', /bpf_spin_unlock is missing|bpf_spin_lock-ed region/],
  'map-value-bounds': ['slot[bpf_get_prandom_u32() & 7]++;', /invalid access to map value, value_size=32 off=56/],
  'no-return-value': ['', /R0 !read_ok/],
  'null-check': ['*value += 1;', /R0 invalid mem access 'map_value_or_null'/],
  'packet-bounds': ['if (eth->h_proto == 8)', /invalid access to packet, off=12 size=2/],
  'return-range': ['return skb->len;', /At program exit the register R0/],
  'ring-leak': ['if (e->pid == 1)', /Unreleased reference id=2 alloc_insn=4/],
  'ring-null-check': ['e->pid = bpf_get_current_pid_tgid() >> 32;', /R6 invalid mem access '\w+_mem_or_null'/],
  'scalar-pointer': ['return task->real_parent->tgid;', /R0 invalid mem access 'scalar'/],
  'stack-bounds': ['buffer[at] = 1;', /invalid variable-offset write to stack R1/],
  'unknown-kfunc': ['struct task_struct *task = bpf_task_from_pid(1);', /kfunc 'bpf_task_from_pid'/],
  'write-rodata': ['*(volatile int *)&limit = 6;', /write into map forbidden/],
  'wrong-argument': [
    'return bpf_map_lookup_elem(&counts, (void *)bpf_get_current_pid_tgid()) != 0;',
    /R2 type=scalar expected/
  ]
};

describe('diagnose', () => {
  it.each(names.filter(name => read(name).cause in expected))('finds reason, C line and next step in %s', name => {
    const { cause, body, log, release } = read(name);
    // Kernels before 6.10 give no line: the cell's is found by its text, or by the object's line table.
    const isOld = release === '6.1';
    const [source = '', reason = /never/] = expected[cause] ?? [];
    const bundle = run(name, isOld ? 3 : 1);
    expect(bundle.log.join('\n')).toBe(log.replace(/\n+$/, ''));
    expect(bundle.log[bundle.reason_line]).toMatch(reason);
    // Behind the jump to the end the old kernels show no C line; the new report and the object's line table know it.
    expect(bundle.source).toBe(name === '7.3-ring-leak.log' ? '}' : source);
    expect(bundle.hint).not.toBe(errorTable.BPFLAB_VERIFIER_REJECTED.hint);
    const line = bundle.items[0]?.line;
    if (source.length < 3 || cause === 'ring-leak') return;
    const inFile = body.split('\n').findIndex(text => text.trim() === source) + 1;
    expect(line).toBe(isOld ? inFile + 2 : inFile);
  });

  it.each(names.filter(name => catalog.has(read(name).cause)))('explains %s by its row of the table', name => {
    const { cause, log } = read(name);
    const { explanation } = run(name);
    const { kind = '', also = [] } = catalog.get(cause) ?? {};
    expect([kind, ...also]).toContain(explanation?.kind);
    expect(explanation?.why.zh).toMatch(/[\u4e00-\u9fff]{4}/);
    // A reason that is no instruction's has no state; all others say what was known there.
    const hasState = /^\d+: R\d/m.test(log) && cause !== 'no-return-value';
    expect(explanation?.knew.length ?? 0).toBeGreaterThanOrEqual(hasState ? 1 : 0);
  });

  it('says program, reason, instruction and line in one sentence', () => {
    expect(run('7.3-null-check.log').message).toBe(
      `The verifier rejected "count": R0 invalid mem access 'map_value_or_null' at instruction 7 (your line 21).`
    );
  });

  it('takes the steps that led there from the report of newer kernels', () => {
    const bundle = run('7.3-ring-leak.log');
    expect(bundle.items.map(({ severity, line, message }) => `${severity} ${line} ${message}`)).toEqual([
      'error 26 Owned resource (id=2) was acquired at instruction 4 and still needs to be released before this exit path.',
      'note 17 acquired: owned resource (id=2)',
      'note 19 branch: took the false branch of this conditional, goto not followed',
      'note 22 branch: took the true branch of this conditional, goto followed'
    ]);
  });

  it('finds the line by the object when the kernel gives the text alone', () => {
    const { log, body } = read('6.1-null-check.log');
    const lines = [
      { insn: 0, file: './a.bpf.c', line: 40, column: 2, text: '\tint key = 0;' },
      { insn: 7, file: '/session/inc/a.h', line: 44, column: 9, text: '\t*value += 1;' }
    ];
    const functionsOf = (name: string) => [{ name, start: 0, count: 10, lines, variables: [] }];
    const cell = { body, bodyLine: 1 };
    const bundle = diagnose({ program: 'count', log, message: '', functionsOf, cell });
    expect(bundle.items[0]).toMatchObject({ line: 44, column: 9, file: 'inc/a.h' });
  });

  it('says what the loader said when there is no log', () => {
    const cell = { body: 'int x;', bodyLine: 1 };
    const bundle = diagnose({ program: 'p', log: '', message: 'Permission denied', functionsOf: () => [], cell });
    expect(bundle).toMatchObject({
      message: 'The verifier rejected "p": Permission denied.',
      log: [],
      reason_line: -1
    });
  });
});

describe('parseVerifierLog', () => {
  it('never throws and keeps every line', () => {
    const piece = fc.oneof(
      fc.constantFrom(...names.flatMap(name => read(name).log.split('\n').slice(0, 40))),
      fc.string()
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), pieces => {
        const log = parseVerifierLog(pieces.join('\n'));
        expect(log.lines.length).toBeLessThanOrEqual(pieces.join('\n').split('\n').length);
        expect(log.reasonEnd).toBeLessThanOrEqual(log.lines.length);
      }),
      { numRuns: 500 }
    );
  });

  it('reads a log of 1 MiB in less than 200 ms', () => {
    const { log } = read('6.12-map-value-bounds.log');
    const [head, tail] = [log.slice(0, log.indexOf('13: (79)')), log.slice(log.indexOf('13: (79)'))];
    const large = head.repeat(Math.ceil((1024 * 1024) / head.length)) + tail;
    parseVerifierLog(large);
    const startMs = performance.now();
    const parsed = parseVerifierLog(large);
    expect(performance.now() - startMs).toBeLessThan(200);
    expect(parsed.lines[parsed.reasonLine]).toMatch(/^invalid access to map value/);
  });
});
