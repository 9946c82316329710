import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { onEachTarget } from './on-each-target.js';
import { careless, execs, hello } from './programs.js';

onEachTarget('cells', (open, target) => {
  it('attaches a program that lives on after its cell, and shows what it prints', async () => {
    const cells = open();
    await cells.ok(hello);
    expect(cells.card('hello')).toMatchObject({ state: 'attached', target });
    await cells.ok('%%sh\ntrue | cat; /bin/true; /bin/true');
    await cells.ok('%wait events>=3 --timeout 10s');
    expect(cells.view('printk').kind).toBe('printk');
    expect(cells.rows('printk').every(row => /^hello from pid \d+$/.test(row['text'] ?? ''))).toBe(true);
    const stopped = await cells.ok('%stop');
    expect(stopped.stdout).toContain('Stopped hello-1');
    expect(cells.card('hello')).toMatchObject({ state: 'stopped', reason: 'stopped by %stop' });
  });

  it('decodes records by their own type, without annotation', async () => {
    const cells = open();
    await cells.ok(execs);
    await cells.ok('%%sh\n/bin/true\n/bin/echo x >/dev/null');
    await cells.ok('%wait events>=3 --timeout 10s');
    const rows = cells.rows('rb');
    expect(rows[0]).toMatchObject({ kind: 'FIRST', big: '18364758544493064720' });
    expect(rows.slice(1).every(row => row['kind'] === 'LATER')).toBe(true);
    expect(rows.map(row => row['comm'])).toEqual(expect.arrayContaining(['bash', 'true', 'echo']));
    const maps = await cells.ok('%maps');
    expect(maps.stdout).toMatch(/true\s+\d+/);
    await cells.ok('%stop');
    const total = cells.rows('counts').reduce((sum, row) => sum + BigInt(row['value'] ?? '0'), 0n);
    expect(total.toString()).toBe(cells.view('rb').snapshot.total_rows);
    expect(cells.view('rb').snapshot.losses).toMatchObject({ kernel: '0', kernel_known: true, agent: '0' });
  });

  it('shows a refusal with its line and the whole log', async () => {
    const cells = open();
    const { outcome } = await cells.run(careless);
    expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_VERIFIER_REJECTED' });
    const diagnosis = cells.diagnosis();
    expect(diagnosis?.program).toBe('on_exec');
    expect(diagnosis?.source).toContain('*count += 1');
    expect(diagnosis?.log.length).toBeGreaterThan(5);
    expect(diagnosis?.log[diagnosis.reason_line]).toMatch(/invalid mem access/);
    expect(careless.split('\n')[(diagnosis?.items[0]?.line ?? 0) - 1]).toContain('*count += 1');
    expect((await cells.ok('%progs')).stdout).toContain('No programs');
  });

  it('shows what the compiler says at its place in the cell', async () => {
    const cells = open();
    const { outcome } = await cells.run(hello.replace('return 0;', 'return nothing;'));
    expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_CC_FAILED' });
    const item = cells.diagnosis()?.items[0];
    expect(hello.split('\n')[(item?.line ?? 0) - 1]).toContain('return 0;');
  });

  it('blocks for the time of --for, then ends the run', async () => {
    const cells = open();
    const start = performance.now();
    const forASecond = execs.replace('%%bpf execs', '%%bpf execs --for 1s');
    await cells.ok(forASecond);
    expect(performance.now() - start).toBeGreaterThan(1000);
    expect(cells.card('execs')).toMatchObject({ state: 'stopped', reason: 'its time was over' });
  });

  it('ends a run after --events', async () => {
    const cells = open();
    await cells.ok('%%sh --bg\nwhile true; do /bin/true; done');
    await cells.ok(execs.replace('%%bpf execs', '%%bpf execs --events 5'));
    expect(Number(cells.view('rb').snapshot.total_rows)).toBeGreaterThanOrEqual(5);
    expect(cells.card('execs').reason).toBe('it had 5 events');
  });

  it('keeps two runs beside each other, and replaces one when its cell is run again', async () => {
    const cells = open();
    await cells.ok(hello, 'first');
    await cells.ok(execs, 'second');
    expect(cells.session.runs().map(run => run.state)).toEqual(['attached', 'attached']);
    await cells.ok(hello, 'first');
    const states = Object.fromEntries(cells.session.runs().map(run => [run.id, run.state]));
    expect(states).toMatchObject({ 'execs-2': 'attached', 'hello-3': 'attached' });
    expect(Object.values(states).filter(state => state === 'attached')).toHaveLength(2);
  });

  it('sets globals: before load, in a live run, and constants by a reload', async () => {
    const cells = open();
    await cells.ok(execs.replace('%%bpf execs', '%%bpf execs --set factor=10 --set seen=5'), 'cell');
    expect((await cells.ok('%set')).stdout).toMatch(/factor.*10.*reloads/);
    expect((await cells.ok('%set seen=100')).stdout).toMatch(/seen: \d+ → 100/);
    await cells.ok('%%sh\n/bin/true');
    await cells.ok('%wait events>=1 --timeout 10s');
    expect(cells.rows('rb')[0]?.['kind']).toBe('LATER');
    const reload = await cells.ok('%set factor=20');
    expect(reload.stdout).toContain('loaded anew');
    expect((await cells.ok('%set')).stdout).toMatch(/factor.*20/);
    expect(cells.session.runs().filter(run => run.state === 'attached')).toHaveLength(1);
    const unknown = await cells.run('%set facto=1');
    expect(unknown.outcome).toMatchObject({ code: 'BPFLAB_GLOBAL_UNKNOWN' });
  });

  it('keeps the contents of maps over a re-run with --keep-maps', async () => {
    const cells = open();
    const kept = execs.replace('%%bpf execs', '%%bpf execs --keep-maps');
    await cells.ok(kept, 'cell');
    await cells.ok('%%sh\n/bin/true; /bin/true');
    await cells.ok('%wait events>=3 --timeout 10s');
    await cells.ok(kept, 'cell');
    const maps = await cells.ok('%maps counts');
    expect(maps.stdout).toMatch(/true\s+\d+/);
  });

  it('runs shell scripts: output, status, standard input, binary, flood', async () => {
    const cells = open();
    const mixed = await cells.run('%%sh\necho out; echo err >&2; exit 3');
    expect(mixed).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
    expect(mixed.outcome).toMatchObject({
      code: 'BPFLAB_CELL_COMMAND_FAILED',
      message: 'The script ended with status 3.'
    });
    expect((await cells.ok('%%sh\ncat; echo end')).stdout).toBe('end\n');
    expect((await cells.ok("%%sh\nprintf 'a\\000\\377b'")).stdout).toBe('a␀�b');
    const flood = await cells.ok('%%sh\nhead -c 20000000 /dev/zero | tr "\\0" x; echo; echo last');
    expect(flood.stdout.length).toBeLessThan(1_200_000);
    expect(flood.stdout).toMatch(/more characters of stdout are not shown[^]*last\n$/);
  });

  it('keeps a background script running beside the next cells', async () => {
    const cells = open();
    await cells.ok('%%sh --bg\necho begun; sleep 300');
    expect(cells.card('sh').state).toBe('attached');
    await cells.ok('%%sh\nsleep 0.3');
    expect(cells.rows('output').map(row => row['line'])).toEqual(['begun']);
    await cells.ok('%stop');
    expect(cells.card('sh').state).toBe('stopped');
  });

  it('ends a script that ignores Ctrl-C when the cell is interrupted', async () => {
    const cells = open();
    const running = cells.run("%%sh\ntrap '' INT TERM; echo ready; while :; do sleep 1; done");
    await cells.session.connection();
    setTimeout(() => cells.session.interrupt(), 700);
    expect((await running).outcome).toEqual({ kind: 'interrupted' });
    expect((await cells.ok('%%sh\necho still here')).stdout).toBe('still here\n');
  });

  it('gives files to the compiler and to the target', async () => {
    const cells = open();
    await cells.ok('%%file shared.h\n#define GREETING "from a header"\n');
    const using = hello.replace('#include "vmlinux.h"', '#include "vmlinux.h"\n#include "shared.h"');
    await cells.ok(using.replace('"hello from pid %d", (int)(bpf_get_current_pid_tgid() >> 32)', 'GREETING'));
    await cells.ok('%%sh\ncat shared.h');
    await cells.ok('%wait events>=1 --timeout 10s');
    expect(cells.rows('printk')[0]?.['text']).toBe('from a header');
    const { outcome } = await cells.run('%%file ../outside\nx');
    expect(outcome).toMatchObject({ code: 'BPFLAB_FILE_PATH' });
    await cells.ok('%%file notes/Makefile\nmade:\n\techo made by make > $@\n');
    await cells.ok('%%make notes -- made');
    expect((await cells.ok('%%sh\ncat notes/made')).stdout).toBe('made by make\n');
  });

  it('saves a view beside the notebook', async () => {
    const cells = open();
    await cells.ok(execs);
    await cells.ok('%%sh\n/bin/true');
    await cells.ok('%wait events>=1 --timeout 10s');
    await cells.ok('%stop');
    await cells.ok('%save rb events.csv');
    expect((await cells.ok('%save rb events.csv')).stdout).toContain('Replaced events.csv');
    writeFileSync(`${cells.notebooks}/mine.csv`, 'mine');
    expect((await cells.run('%save rb mine.csv')).outcome).toMatchObject({ code: 'BPFLAB_CONTENTS_EXISTS' });
    await cells.ok('%save counts counts.jsonl');
    const csv = execFileSync('cat', [`${cells.notebooks}/events.csv`], { encoding: 'utf8' }).split('\r\n');
    expect(csv[0]).toBe('seq,time,pid,kind,big,comm');
    expect(csv.length - 2).toBe(Number(cells.view('rb').snapshot.total_rows));
    const json = execFileSync('cat', [`${cells.notebooks}/counts.jsonl`], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(JSON.parse(json[0] ?? '')).toHaveProperty('value', expect.stringMatching(/^\d+$/));
  });

  it('says what it waited for when a wait is over in vain', async () => {
    const cells = open();
    await cells.ok(execs);
    const { outcome } = await cells.run('%wait events>=100000 --timeout 300ms');
    expect(outcome).toMatchObject({ code: 'BPFLAB_WAIT_TIMEOUT' });
    expect(outcome.kind === 'failed' && outcome.message).toMatch(/\d+ events?/);
  });

  it('shows programs, links, types and the target', async () => {
    const cells = open();
    await cells.ok(hello);
    expect((await cells.ok('%progs')).stdout).toMatch(/hello-1\s+on_exec\s+tp\/sched\/sched_process_exec/);
    expect((await cells.ok('%links')).stdout).toContain('on_exec');
    expect((await cells.ok('%btf struct path')).stdout).toMatch(/struct path \{\n\tstruct vfsmount \*mnt; \/\* 0 \*\//);
    expect((await cells.ok('%target')).stdout).toContain(target);
    expect((await cells.ok('%kernels')).stdout).toContain('(default)');
    expect((await cells.ok('%preflight')).stdout).toMatch(/^hello +runs$/m);
    expect((await cells.ok('%lsmagic')).stdout).toContain('%%bpftrace');
  });

  it('restores a target that was lost, and says so', async () => {
    const cells = open();
    await cells.ok(hello);
    const connection = await cells.session.connection();
    const lost = new Promise<string>(resolve => connection.onClose(resolve));
    if (target === 'host') {
      process.kill(connection.hello.worker_pid, 'SIGKILL');
    } else {
      const { outcome } = await cells.run('%%sh\necho c > /proc/sysrq-trigger');
      expect(outcome).toMatchObject({ code: 'BPFLAB_TARGET_LOST' });
    }
    await lost;
    expect(cells.card('hello').state).toBe('lost');
    const { stdout, stderr } = await cells.ok('%%sh\necho back');
    expect(stdout).toBe('back\n');
    expect(stderr).toContain('was lost');
  });

  it('resets the session', async () => {
    const cells = open();
    await cells.ok(hello);
    await cells.ok('%reset');
    expect(cells.card('hello').state).toBe('stopped');
    expect((await cells.ok('%%sh\necho new')).stdout).toBe('new\n');
  });
});
