import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type { ProgramResult, Verdict } from '../../kernel-gateway/src/core/lesson-runs/lesson-program.js';
import { requires } from '../requires.js';

const program = fileURLToPath(new URL('../../kernel-gateway/lib/cli/bpflab.js', import.meta.url));
const ours = fileURLToPath(new URL('../fixtures/verdicts', import.meta.url));
const clones = process.env['BPFLAB_LESSONS'];
/** Every program on every installed kernel; the clones have 76, a third of a minute each where nothing is wrong. */
const OURS_MS = 15 * 60_000;
const CLONES_MS = 120 * 60_000;

interface Tested {
  results: ProgramResult[];
  verdicts: { name: string; lesson: string; verdicts: Verdict[] }[];
}

const folder = mkdtempSync(path.join(tmpdir(), 'bpflab-verdicts-'));

async function testOnAll(lessons: string): Promise<Tested> {
  const file = path.join(folder, `${path.basename(lessons)}.json`);
  const words = ['lessons', 'test', '--json', '--kernel', 'all', '--verdicts', file, lessons];
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  await new Promise(resolve => child.on('close', resolve));
  const { programs } = JSON.parse(Buffer.concat(output).toString('utf8')) as { programs: ProgramResult[] };
  return { results: programs, verdicts: JSON.parse(readFileSync(file, 'utf8')) as Tested['verdicts'] };
}

const named = ({ lesson, name, kernel, reason }: ProgramResult): string => `${lesson}/${name} on ${kernel}: ${reason}`;

const wrongOf = (results: readonly ProgramResult[]): string[] =>
  results.filter(one => (one.preflight === 'runs') !== one.attached).map(named);

requires('vm')('what preflight says of the programs of lessons', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is what happens with programs of our own on every kernel', { timeout: OURS_MS }, async () => {
    const { results, verdicts } = await testOnAll(ours);
    expect(wrongOf(results)).toEqual([]);
    expect(results.filter(one => one.leftovers > 0).map(named)).toEqual([]);
    const reasonOf = (name: string): string =>
      verdicts.find(one => one.name === name)?.verdicts.find(one => !one.runs)?.reason ?? '';
    expect(verdicts.find(one => one.name === 'everywhere')?.verdicts.every(one => one.runs)).toBe(true);
    expect(reasonOf('nowhere')).toContain('it has no tracepoint "sched_never_was"');
    expect(reasonOf('field')).toContain('its "task_struct" has no field "never_was"');
    expect(reasonOf('asked')).toBe('');
    expect(reasonOf('callee')).toContain('bpf_never_was');
    expect(reasonOf('helper')).toContain('may not call bpf_get_attach_cookie; on Linux 6.12 they may');
    expect(reasonOf('wrong')).toContain('may not call bpf_xdp_adjust_head; those of type xdp may');
    expect(reasonOf('closed')).toBe('');
  });

  it.runIf(clones !== undefined)(
    'is what happens with the lessons of BPFLAB_LESSONS',
    { timeout: CLONES_MS },
    async () => {
      const { results } = await testOnAll(clones ?? '');
      expect(wrongOf(results)).toEqual([]);
      expect(results.filter(one => one.leftovers > 0).map(named)).toEqual([]);
    }
  );
});
