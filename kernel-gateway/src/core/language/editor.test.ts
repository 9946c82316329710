import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BtfOnDemand } from '../object/btf-on-demand.js';
import { readElf } from '../object/elf.js';
import { complete } from './complete.js';
import { definitionAt } from './definition.js';
import { readHelpers, readMacros } from './header-facts.js';
import { helperPrograms } from './helper-programs.table.js';
import { helperRelease } from './helper-since.table.js';
import { kernelFunctionPrograms } from './kernel-function-programs.table.js';
import { inspect } from './inspect.js';
import { noFacts, type LanguageFacts } from './language-facts.js';
import { signatureAt } from './signature.js';

const DEFS = `
/*
 * bpf_map_lookup_elem
 *
 * 	Perform a lookup in *map* for an entry associated to *key*.
 *
 * Returns
 * 	Map value associated to *key*, or **NULL** if no entry was
 * 	found.
 */
static void *(* const bpf_map_lookup_elem)(void *map, const void *key) = (void *) 1;
static long (* const bpf_xdp_adjust_head)(struct xdp_md *xdp_md, int delta) = (void *) 44;
static __bpf_fastcall __u64 (* const bpf_get_current_pid_tgid)(void) = (void *) 14;
static long (* const bpf_get_current_comm)(void *buf, __u32 size_of_buf) = (void *) 16;
`;
const MACROS = `/*
 * Follows pointers.
 */
#define BPF_CORE_READ(src, a, ...) ({ 1; })
#define ___hidden 1
#define __uint(name, val) int (*name)[val]
`;

/** The types of an object stand for a kernel's. */
const elf = readElf(readFileSync(new URL('../../../../test/fixtures/objects/shapes.o', import.meta.url)));
const kernel = new BtfOnDemand(elf.sections.find(one => one.name === '.BTF')!.data);

const facts: LanguageFacts = {
  ...noFacts,
  kernel,
  kernelRelease: '6.12.1',
  headers: {
    helpers: readHelpers(DEFS),
    macros: new Map(readMacros('bpf_helpers.h', MACROS).map(macro => [macro.name, macro]))
  },
  tracepoints: ['sched:sched_switch', 'sched:sched_process_exec', 'block:block_rq_issue'],
  files: [{ path: 'own.h', text: 'struct own { int first; struct own *next; };\n#define OWN 1\n' }],
  maps: [{ name: 'elsewhere', type: 'hash', key: 'u32', value: 'u64', entries: '8', run: 'other' }]
};

const PROGRAM = `%%bpf count --wait
#include "own.h"
struct mine { int a; struct { long b; }; struct own *o; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, struct mine); } counts SEC(".maps");
SEC("xdp")
int on_packet(struct xdp_md *ctx)
{
	struct mine *m = bpf_map_lookup_elem(&counts, &key);
`;

const split = (text: string): [string, number] => [text.replace('|', ''), text.indexOf('|')];
const wordsAt = (text: string, known = facts): string[] => complete(...split(text), known).items.map(item => item.text);

describe('complete', () => {
  it.each([
    ['%%b|', ['%%bpf', '%%bcc', '%%bpftrace']],
    ['%ma|', ['%maps', '%%make']],
    ['%%bpf x --kee|', ['--keep-maps']],
    ['SEC("tcx/|")', ['tcx/ingress', 'tcx/egress']],
    ['SEC("tp/|")', ['tp/block/', 'tp/sched/']],
    ['SEC("?tracepoint/sched/sched_s|")', ['tracepoint/sched/sched_switch']],
    [`${PROGRAM}m->|`, ['a', 'b', 'o']],
    [`${PROGRAM}m->o->next->f|`, ['first']],
    [`${PROGRAM}(*m).a|`, ['a']],
    [`${PROGRAM}((struct own *)ctx)->n|`, ['next']],
    [`${PROGRAM}BPF_CORE_READ(m, o, |`, ['first', 'next']],
    [`${PROGRAM}BPF_CORE_READ(m, o, next.f|`, ['first']],
    [`${PROGRAM}bpf_map_lookup_elem(&co|`, ['counts']],
    [`${PROGRAM}bpf_map_lookup_elem(&else|`, ['elsewhere']],
    [`${PROGRAM}bpf_xdp_|`, ['bpf_xdp_adjust_head']],
    [`${PROGRAM}bpf_get_current_|`, ['bpf_get_current_pid_tgid']],
    [`${PROGRAM}OW|`, ['OWN']],
    [`${PROGRAM}struct o|`, ['own']],
    [`${PROGRAM}// bpf_xdp_|`, []],
    ['%%user\nint main(void)\n{\n\tbpf_xdp_|', []],
    ['#include "o|', ['own.h']],
    ['%%bpftrace\ntracepoint:sched:sched_p|', ['tracepoint:sched:sched_process_exec']],
    ['%%bpftrace\ninterval:|', ['interval:s:1', 'interval:ms:100', 'interval:us:1000', 'interval:hz:10']],
    ['%%bpftrace\nBEGIN { lh|', ['lhist']],
    ['%%sh\nls /etc/passwd\npass|', ['passwd']]
  ])('%s', (text, words) => expect(wordsAt(text)).toEqual(words));

  it('offers helpers only to programs that may call them', () => {
    const kprobe = 'SEC("kprobe/f")\nint BPF_KPROBE(f)\n{\n\t';
    expect(wordsAt(`${kprobe}bpf_xdp_|`)).toEqual([]);
    expect(wordsAt(`${kprobe}bpf_get_current_c|`)).toEqual(['bpf_get_current_comm']);
    expect(wordsAt('int helper(void)\n{\n\tbpf_xdp_|')).toEqual(['bpf_xdp_adjust_head']);
  });

  it('says what each word is', () => {
    const [item] = complete(...split(`${PROGRAM}bpf_xdp_|`), facts).items;
    expect(item).toEqual({
      text: 'bpf_xdp_adjust_head',
      type: 'function',
      signature: 'long bpf_xdp_adjust_head(struct xdp_md *xdp_md, int delta)'
    });
  });
});

describe('inspect', () => {
  it.each([
    ['%%bp|f x', ['%%bpf [NAME] [OPTIONS]']],
    ['SEC("xd|p")', ['For each packet', 'Program type: xdp', 'Context: struct xdp_md *ctx']],
    [
      `${PROGRAM}bpf_map_lookup_|elem`,
      [
        'void *bpf_map_lookup_elem(void *map, const void *key);',
        'Since kernel 3.19',
        'Map value associated to key, or NULL',
        'u64 *count ='
      ]
    ],
    [`${PROGRAM}bpf_get_current_co|mm`, ['Programs of type xdp may not call it.']],
    [`${PROGRAM}&coun|ts`, ['type     hash', 'key      u32', 'value    struct mine']],
    [`${PROGRAM}elsew|here`, ['entries  8']],
    [`${PROGRAM}m->o|->next`, ['struct own *o;', 'struct own * next;']],
    [`${PROGRAM}BPF_CORE_R|EAD`, ['BPF_CORE_READ(src, a, ...)', 'Follows pointers.']],
    ['%%bpftrace\nBEGIN { lhi|st(', ['linear histogram']]
  ])('%s', (text, parts) => {
    const answer = inspect(...split(text), facts);
    for (const part of parts) expect(answer.text).toContain(part);
  });

  it('shows layouts of the kernel with offsets', () => {
    const name = kernel.namesFrom('struct', '', 1)[0]!;
    expect(inspect(...split(`struct ${name}|`), facts).text).toMatch(/\/\* 0 \*\/[\s\S]*\/\* \d+ bytes \*\//);
  });

  it('finds nothing where nothing is known', () => {
    expect(inspect(...split('nothing| here'), facts)).toEqual({ found: false, text: '' });
  });
});

describe('signatureAt', () => {
  it('marks the parameter that is typed', () => {
    const found = signatureAt(...split(`${PROGRAM}bpf_map_lookup_elem(&counts, |`), facts)!;
    expect(found.label.slice(found.active!.start, found.active!.end)).toBe('const void *key');
    const macro = signatureAt(...split(`${PROGRAM}BPF_CORE_READ(m, o, a, b|`), facts)!;
    expect(macro.label.slice(macro.active!.start, macro.active!.end)).toBe('...');
  });

  it('is silent outside of calls', () => {
    expect(signatureAt(...split(`${PROGRAM}m->a = 1|`), facts)).toBeNull();
    expect(signatureAt(...split('%%sh\necho $(ls |'), facts)).toBeNull();
  });
});

describe('definitionAt', () => {
  it.each([
    [`${PROGRAM}m|->a`, { kind: 'cell', at: PROGRAM.indexOf('m = bpf') }],
    [`${PROGRAM}&coun|ts`, { kind: 'cell', at: PROGRAM.indexOf('counts') }],
    [`${PROGRAM}m->o->fir|st`, { kind: 'file', path: 'own.h', at: 17 }],
    [`${PROGRAM}bpf_xdp_adj|ust_head`, { kind: 'header', header: 'bpf/bpf_helper_defs.h', line: 12 }],
    [`${PROGRAM}struct task_st|ruct`, { kind: 'kernel', name: 'struct task_struct', member: '' }],
    ['#include "ow|n.h"', { kind: 'file', path: 'own.h', at: 0 }],
    ['  |  ', null]
  ])('%s', (text, expected) => expect(definitionAt(...split(text), facts)).toEqual(expected));
});

describe('the table of helpers and programs', () => {
  it('follows the kernel', () => {
    const may = (type: string, helper: string, release = ''): boolean => helperPrograms.may(type, helper, release);
    expect(may('xdp', 'bpf_xdp_adjust_head')).toBe(true);
    expect(may('kprobe', 'bpf_xdp_adjust_head')).toBe(false);
    expect(may('tracing', 'bpf_get_func_arg')).toBe(true);
    expect(may('lsm', 'bpf_get_func_arg')).toBe(true);
    expect(may('xdp', 'bpf_map_lookup_elem')).toBe(true);
    expect(may('', 'bpf_xdp_adjust_head')).toBe(true);
    expect(helperPrograms.typesOf('bpf_xdp_adjust_head')).toEqual(['xdp']);
    expect(helperPrograms.typesOf('bpf_map_lookup_elem')).toBeNull();
  });

  it('knows that newer kernels allow more', () => {
    const allowed = ['5.15.0', '6.1.0-56', '6.12.117', '7.0.1', '7.3.4', '8.0'].map(release =>
      helperPrograms.may('xdp', 'bpf_get_current_comm', release)
    );
    expect(allowed).toEqual([false, false, false, true, true, true]);
  });

  it('knows nothing of what the kernel itself does not have there', () => {
    const allowed = ['6.12.117', '7.3.4'].map(release => kernelFunctionPrograms.may('kprobe', 'bpf_strstr', release));
    expect(allowed).toEqual([true, true]);
    expect(kernelFunctionPrograms.may('kprobe', 'bpf_task_acquire', '6.12.117')).toBe(false);
  });

  it('knows releases by number', () => {
    expect([1, 4, 12, 130, 163, 164, 181, 211, 999].map(helperRelease)).toEqual([
      ...['3.19', '4.1', '4.2', '5.8', '5.12', '5.13', '5.17', '6.2', null]
    ]);
  });
});

it('answers in a cell of a megabyte, whatever it is of', () => {
  for (const unit of ['SEC("x")\nint f( {', 'a {b} ', 'struct {', 'f(a, ', 'x->y.', 'BPF_CORE_READ(', 'int a; ']) {
    const text = unit.repeat(Math.floor(1_000_000 / unit.length));
    for (const at of [text.length >> 1, text.length]) {
      const { start, end } = complete(text, at, noFacts);
      expect(start <= end && end === at).toBe(true);
      signatureAt(text, at, noFacts);
    }
  }
}, 30_000);

it('answers any text at any place without throwing, within the text', () => {
  const piece = fc.constantFrom(
    '->',
    '.',
    '(',
    ')',
    'struct ',
    'm',
    'BPF_CORE_READ(',
    ', ',
    '\n',
    '"',
    'SEC("',
    ';',
    '%%bpf',
    '*',
    '['
  );
  const text = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.array(piece, { maxLength: 30 }).map(parts => PROGRAM + parts.join(''))
  );
  fc.assert(
    fc.property(text, fc.integer({ min: -5, max: 700 }), (code, cursor) => {
      for (const known of [facts, noFacts]) {
        const { start, end } = complete(code, cursor, known);
        expect(start >= 0 && start <= end && end <= code.length).toBe(true);
        inspect(code, cursor, known);
        signatureAt(code, cursor, known);
        definitionAt(code, cursor, known);
      }
    }),
    { numRuns: 200 }
  );
});
