import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../requires.js';
import { careless, execs } from './programs.js';

const program = fileURLToPath(new URL('../../kernel-gateway/lib/cli/bpflab.js', import.meta.url));

interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built command line; `onOutput` sees what it has printed so far, on either stream, and may end it. */
function bpflab(
  args: string[],
  onOutput: (printed: Finished, end: () => void) => void = () => undefined,
  input: Uint8Array | string = ''
): Promise<Finished> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const result: Finished = { status: null, stdout: '', stderr: '' };
    const collect = (stream: 'stdout' | 'stderr') => (bytes: Buffer) => {
      result[stream] += bytes.toString();
      onOutput(result, () => child.kill('SIGINT'));
    };
    child.stdout.on('data', collect('stdout'));
    child.stderr.on('data', collect('stderr'));
    child.on('close', status => resolve({ ...result, status }));
  });
}

/** What the program under test sees: on a quiet machine nothing else starts a process. Asked for again at each line. */
const traffic = (): void => void spawn('/bin/sh', ['-c', 'for i in 1 2 3 4; do /bin/true; done']);

const COUNTS = `#include <stdio.h>
int main(void)
{
	long count = 0;
	while (getchar() != EOF)
		count++;
	printf("%ld bytes\\n", count);
	return 0;
}
`;

/** A cell's text as a file: without its magic. */
const bodyOf = (cell: string): string => cell.split('\n').slice(1).join('\n');

const lines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>);

requires('vm', 'bpf')('the command line on the host target', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bpflab-cli-'));
    writeFileSync(join(folder, 'execs.bpf.c'), bodyOf(execs));
    writeFileSync(join(folder, 'careless.bpf.c'), bodyOf(careless));
    writeFileSync(join(folder, 'broken.bpf.c'), 'int x = ;\n');
    writeFileSync(join(folder, 'traffic.sh'), 'for i in 1 2 3; do /bin/true; done\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (file: string, ...options: string[]): Promise<Finished> =>
    bpflab(['run', join(folder, file), '--target', 'host', ...options], traffic);

  it('prints events and the final map as JSON lines, 64-bit numbers exactly', async () => {
    const { status, stdout } = await run('execs.bpf.c', '--events', '3', '--json');
    expect(status).toBe(0);
    const events = lines(stdout).filter(line => line['type'] === 'event');
    expect(events).toHaveLength(3);
    expect(events[0]).toMatchObject({ view: 'rb', row: { kind: 'FIRST', big: '18364758544493064720' } });
    expect(lines(stdout).filter(line => line['type'] === 'entry' && line['map'] === 'counts').length).toBeGreaterThan(
      0
    );
    expect(lines(stdout).find(line => line['type'] === 'attached')).toMatchObject({ target: 'host', name: 'execs' });
    expect(lines(stdout).at(-1)).toMatchObject({ type: 'end', state: 'stopped', reason: 'it had 3 events' });
  });

  it('prints aligned text', async () => {
    const { status, stdout, stderr } = await run('execs.bpf.c', '--events', '2');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^SEQ +TIME +PID +KIND +BIG +COMM\n +0 +[\d:.]+ +\d+ +FIRST +18364758544493064720 +\S+/);
    expect(stdout).toMatch(/counts: \d+ entr/);
    expect(stderr).toContain('attached (host');
  });

  it('gives the refusal, its line and the whole log as JSON lines, and status 1', async () => {
    const { status, stdout } = await run('careless.bpf.c', '--for', '1s', '--json');
    expect(status).toBe(1);
    const diagnosis = lines(stdout).find(line => line['type'] === 'diagnosis');
    expect(diagnosis).toMatchObject({ code: 'BPFLAB_VERIFIER_REJECTED', program: 'on_exec' });
    const { log, items } = diagnosis as { log: string[]; items: { line: number }[] };
    expect(log.join('\n')).toMatch(/invalid mem access[^]*processed \d+ insns/);
    expect(bodyOf(careless).split('\n')[(items[0]?.line ?? 0) - 1]).toContain('*count += 1');
    expect(lines(stdout).at(-1)).toMatchObject({ type: 'error', code: 'BPFLAB_VERIFIER_REJECTED' });
  });

  it('has a status for each kind of failure', async () => {
    expect((await run('broken.bpf.c')).status).toBe(1);
    expect((await run('execs.bpf.c', '--set', 'nothing=1')).status).toBe(2);
    expect((await run('execs.bpf.c', '--for', 'soon')).status).toBe(2);
    expect((await run('missing.bpf.c')).status).toBe(2);
    expect((await bpflab(['run', join(folder, 'execs.bpf.c'), '--target', 'moon'])).status).toBe(3);
    expect((await bpflab(['run', join(folder, 'traffic.sh'), '--target', 'host'])).status).toBe(0);
  });

  it('gives a user program its own standard input, whole', async () => {
    const text = 'a line of text\n'.repeat(300_000);
    writeFileSync(join(folder, 'count.c'), COUNTS);
    const counted = await bpflab(['run', join(folder, 'count.c'), '--target', 'host'], undefined, text);
    expect(counted).toMatchObject({ status: 0, stdout: `${text.length} bytes\n` });
    writeFileSync(join(folder, 'ask.sh'), 'read -r name; echo "hello $name"; read -r more || echo nothing more\n');
    const asked = await bpflab(['run', join(folder, 'ask.sh'), '--target', 'host'], undefined, 'Ada\n');
    expect(asked.stdout).toBe('hello Ada\nnothing more\n');
  });

  it('does not wait for input that nobody reads', async () => {
    const child = spawn(process.execPath, [program, 'run', join(folder, 'traffic.sh'), '--target', 'host']);
    // Its standard input stays open.
    expect(await new Promise(resolve => child.on('close', resolve))).toBe(0);
  });

  it('ends in order at Ctrl-C, with its maps', async () => {
    const { status, stdout, stderr } = await bpflab(
      ['run', join(folder, 'execs.bpf.c'), '--target', 'host'],
      (printed, end) => (printed.stdout.split('\n').length > 2 ? end() : traffic())
    );
    expect(status).toBe(130);
    expect(stdout).toMatch(/counts: \d+ entr/);
    expect(stderr).toContain('it was interrupted');
  });

  it('records a run and replays it without a kernel', async () => {
    const recording = join(folder, 'session.rec');
    const first = await run('execs.bpf.c', '--events', '2', '--json', '--record', recording);
    expect(first.status).toBe(0);
    const second = await bpflab([
      'run',
      join(folder, 'execs.bpf.c'),
      '--target',
      `replay:${recording}`,
      '--events',
      '2',
      '--json'
    ]);
    const rows = (text: string): unknown[] =>
      lines(text)
        .filter(line => line['type'] === 'event')
        .map(line => line['row']);
    expect(rows(second.stdout)).toEqual(rows(first.stdout));
  });

  it('executes a notebook and writes its outputs', async () => {
    const notebook = join(folder, 'n.ipynb');
    const cell = (id: string, source: string): unknown => ({
      cell_type: 'code',
      id,
      metadata: {},
      source,
      outputs: [],
      execution_count: null
    });
    const cells = [
      cell('a', execs),
      cell('b', '%%sh\n/bin/true'),
      cell('c', '%wait events>=1 --timeout 10s'),
      cell('d', '%stop'),
      cell('e', '%save rb rows.csv'),
      cell('f', '%%sh\ncat; echo end of input')
    ];
    writeFileSync(notebook, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
    expect((await bpflab(['exec', notebook, '--target', 'host', '--inplace'])).status).toBe(0);
    const executed = JSON.parse(readFileSync(notebook, 'utf8')) as {
      cells: { outputs: { data?: Record<string, string> }[] }[];
    };
    const texts = executed.cells[0]?.outputs.map(output => output.data?.['text/plain']) ?? [];
    expect(texts[0]).toContain('stopped');
    expect(texts.join('\n')).toContain('18364758544493064720');
    expect(readFileSync(join(folder, 'rows.csv'), 'utf8')).toContain('18364758544493064720');
    const streams = JSON.stringify(executed.cells.at(-1)?.outputs);
    expect(streams).toContain('nobody can be asked');
    expect(streams).toContain('end of input');
    const page = await bpflab(['export', notebook, '--output', '-']);
    expect(page.stdout).toContain('18364758544493064720');
    expect(page.stdout).toContain('<th class="number">');
    writeFileSync(
      notebook,
      JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell('a', '%%sh\nexit 7')] })
    );
    const failed = await bpflab(['exec', notebook, '--target', 'host', '--output', '-']);
    expect(failed.status).toBe(1);
    expect(failed.stdout).toContain('BPFLAB_CELL_COMMAND_FAILED');
  });
});
