import { expect, it } from 'vitest';
import { onEachTarget } from './on-each-target.js';
import {
  congestionControl,
  histogram,
  perfEvents,
  taskIterator,
  writesApplication,
  writesProgram
} from './programs.js';

onEachTarget('programs of other kinds', open => {
  it('runs a whole libbpf application, with views of what it loads', async () => {
    const cells = open();
    await cells.ok(writesProgram);
    await cells.ok('%stop');
    await cells.ok(writesApplication);
    await cells.until(() => cells.hasView('output') && cells.rows('calls').length > 0);
    await cells.ok('%wait maps.calls>=1 --timeout 20s');
    expect(cells.rows('output')[0]?.['line']).toBe('3: one, two words');
    expect(Number(cells.rows('calls')[0]?.['value'])).toBeGreaterThan(0);
    expect(cells.rows('globals')).toContainEqual({ name: 'my_pid', value: cells.rows('calls')[0]?.['key'] ?? '' });
    expect((await cells.ok('%progs')).stdout).toContain('on_write');
    await cells.ok('%stop');
    expect(cells.rows('output').at(-1)?.['line']).toBe('ended in order');
  });

  it('makes views of what bpftrace prints', async () => {
    const cells = open();
    await cells.ok('%%sh --bg\nwhile :; do /bin/true; sleep 0.1; done');
    await cells.ok(
      '%%bpftrace trace --for 3s -- 42\n' +
        'BEGIN { printf("began with %d\\n", $1); }\n' +
        'tracepoint:sched:sched_process_exec { @execs[comm] = count(); @ns = hist(nsecs % 1000); }\n'
    );
    expect(cells.rows('output').some(row => row['line'] === 'began with 42')).toBe(true);
    expect(cells.rows('@execs').map(row => row['key'])).toContain('true');
    expect(cells.view('@ns')).toMatchObject({ kind: 'histogram' });
    expect(cells.view('@ns').snapshot.histograms?.[0]?.buckets.length).toBeGreaterThan(0);
    const refused = await cells.run('%%bpftrace\nBEGIN { nonsense here }');
    expect(refused.outcome).toMatchObject({ code: 'BPFLAB_CELL_COMMAND_FAILED' });
    expect(refused.stderr).toContain('nonsense here');
  });

  it('reads perf buffers, with the CPU of each record', async () => {
    const cells = open();
    await cells.ok(perfEvents);
    await cells.ok('%%sh\n/bin/true; /bin/true');
    await cells.ok('%wait events>=2 --timeout 10s');
    const rows = cells.rows('samples');
    expect(rows.map(row => row['number']).slice(0, 2)).toEqual(['1', '2']);
    expect(Number(rows[0]?.['cpu'])).toBeLessThan(64);
  });

  it('shows the text of an iterator', async () => {
    const cells = open();
    await cells.ok(taskIterator);
    await cells.until(() => cells.rows('list').length > 0);
    expect(cells.rows('list').every(row => /^\d+ \S+/.test(row['line'] ?? ''))).toBe(true);
  });

  it('registers a struct_ops map, and takes it back', async () => {
    const cells = open();
    const list = '%%sh\ncat /proc/sys/net/ipv4/tcp_available_congestion_control';
    await cells.ok(congestionControl);
    expect((await cells.ok('%links')).stdout).toMatch(/lab_control\s+struct_ops/);
    expect((await cells.ok(list)).stdout).toContain('bpflab_test');
    await cells.ok('%stop');
    expect((await cells.ok(list)).stdout).not.toContain('bpflab_test');
  });

  it('draws histograms and sums per-CPU values', async () => {
    const cells = open();
    await cells.ok(histogram);
    await cells.ok('%%sh\n/bin/true; /bin/true; /bin/true');
    await cells.ok('%stop');
    const view = cells.view('length_bytes_hist');
    expect(view).toMatchObject({ kind: 'histogram', alternatives: ['map'] });
    const bucket = view.snapshot.histograms?.[0]?.buckets.find(one => one.count !== '0');
    expect(bucket).toMatchObject({ low: '32', high: '63' });
    expect(Number(bucket?.count)).toBeGreaterThanOrEqual(3);
    const total = cells.rows('total')[0] ?? {};
    expect(Object.values(total)).toContain(bucket?.count);
    const data = cells.displayOf('length_bytes_hist');
    expect(data['text/plain']).toMatch(/32 -> 63/);
    expect(data).toHaveProperty(['application/vnd.vegalite.v5+json', 'mark'], 'bar');
  });
});
