/** Programs of a size that nobody writes by hand, and bytes and clocks that are not what one expects. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Lab } from '../../kernel-gateway/src/lab.js';
import { requires } from '../requires.js';
import { LabFixture, openLab } from '../integration/lab-fixture.js';
import { execs } from '../integration/programs.js';

const MAPS = 1000;
const FIELDS = 4000;
const head = '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nchar LICENSE[] SEC("license") = "GPL";\n';
const numbers = (count: number): number[] => Array.from({ length: count }, (_unused, index) => index);

const map = (name: string, type: string, entries: number, value = '__u64'): string =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); __uint(max_entries, ${entries}); __type(key, __u32); __type(value, ${value}); } ${name} SEC(".maps");\n`;

const onGetpgid = (body: string): string => `SEC("tp/syscalls/sys_enter_getpgid") int seen(void *ctx) { ${body} }\n`;

requires('bpf', 'vm')('extremes on host', () => {
  let lab: Lab;
  let cells: LabFixture;
  beforeAll(() => {
    lab = openLab();
    cells = new LabFixture(lab, 'host');
  });
  afterAll(async () => {
    await cells.close();
    await lab.close();
  });

  it('a map of 10 million entries: the first million are read, and its view says so', async () => {
    const store = `__u32 last = 9999999, key = 7; __u64 one = 1; bpf_map_update_elem(&huge, &key, &one, 0); bpf_map_update_elem(&huge, &last, &one, 0); return 0;`;
    await cells.ok(`%%bpf\n${head}${map('huge', 'ARRAY', 10_000_000)}${onGetpgid(store)}`, 'huge');
    await cells.ok('%%sh\npython3 -c "import os; os.getpgid(0)"');
    await cells.ok('%stop');
    const { notes, capacity, snapshot } = cells.view('huge');
    expect(capacity).toBe('10000000');
    expect(snapshot.total_rows).toBe('1000000');
    expect(notes).toContain('only the first 1000000 entries are read');
    expect(cells.rows('huge')[7]).toMatchObject({ key: '7', value: '1' });
  });

  it('1,000 maps in one object: all load, all have a view, all go', async () => {
    const maps = numbers(MAPS).map(index => map(`m${index}`, 'HASH', 4));
    const store = `__u32 key = 1; __u64 one = 1; bpf_map_update_elem(&m999, &key, &one, 0); return 0;`;
    await cells.ok(`%%bpf\n${head}${maps.join('')}${onGetpgid(store)}`, 'many');
    expect(numbers(MAPS).filter(index => !cells.hasView(`m${index}`))).toEqual([]);
    await cells.ok('%%sh\npython3 -c "import os; os.getpgid(0)"');
    await cells.ok('%stop');
    expect(cells.rows('m999')).toEqual([{ key: '1', value: '1' }]);
    expect(cells.rows('m0')).toEqual([]);
  });

  it('a struct of 4,000 fields: each is a column with its own value', async () => {
    const wide = `struct wide { ${numbers(FIELDS)
      .map(index => `__u32 f${index};`)
      .join(' ')} };\n`;
    const store = `__u32 key = 0; struct wide *w = bpf_map_lookup_elem(&wides, &key); if (!w) return 0; w->f0 = 11; w->f1999 = 22; w->f3999 = 33; return 0;`;
    await cells.ok(`%%bpf\n${head}${wide}${map('wides', 'ARRAY', 2, 'struct wide')}${onGetpgid(store)}`, 'wide');
    await cells.ok('%%sh\npython3 -c "import os; os.getpgid(0)"');
    await cells.ok('%stop');
    expect(cells.view('wides').columns).toHaveLength(FIELDS + 1);
    expect(cells.rows('wides')[0]).toMatchObject({ key: '0', f0: '11', f1999: '22', f3999: '33', f3998: '0' });
  });

  it('names of bytes that are no UTF-8 are shown as escapes, whole characters as they are', async () => {
    await cells.ok(execs, 'names');
    const script = ['f=$(printf "/tmp/%s-\\\\377\\\\376z\\\\303\\\\251" $$)', 'cp /bin/true "$f"', '"$f"', 'rm "$f"'];
    await cells.ok(`%%sh\n${script.join('\n')}`);
    await cells.ok('%stop');
    expect(cells.rows('rb').map(row => row['comm'])).toContainEqual(expect.stringMatching(/-\\xff\\xfez(é|\\xc3)/));
  });
});

requires('vm')('a clock that is set', () => {
  it('moves no time of events, ends no wait early, and breaks no connection', async () => {
    const lab = openLab();
    const cells = new LabFixture(lab, 'vm');
    await cells.ok(execs);
    const jumps = ['2001-01-01', '2040-01-01', '1990-06-01'].map(date => `/bin/true; date -s ${date} >/dev/null`);
    const before = BigInt(Date.now()) * 1_000_000n;
    await cells.ok(`%%sh\n${jumps.join('\n')}\n/bin/true`);
    const startedMs = performance.now();
    const waited = await cells.run('%wait events>=1000000 --timeout 1s');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(1000);
    expect(waited.outcome.kind).toBe('failed');
    await cells.ok('%stop');
    const times = cells.rows('rb').map(row => BigInt(row['time'] ?? 0));
    expect(times.length).toBeGreaterThanOrEqual(7);
    expect(times).toEqual([...times].sort((a, b) => Number(a - b)));
    const spreadMs = Number(((times.at(-1) ?? 0n) - (times[0] ?? 0n)) / 1_000_000n);
    expect(spreadMs).toBeLessThan(60_000);
    expect(Number(((times[0] ?? 0n) - before) / 1_000_000n)).toBeGreaterThan(-60_000);
    await cells.close();
    await lab.close();
  });
});
