import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { DoctorReport } from '../../kernel-gateway/src/adapters/doctor/doctor-report.js';
import { requires } from '../requires.js';

const cli = fileURLToPath(new URL('../../kernel-gateway/lib/cli/bpflab.js', import.meta.url));

function doctor(env: Record<string, string> = {}): { status: number | null; report: DoctorReport } {
  const { status, stdout } = spawnSync(process.execPath, [cli, 'doctor', '--json'], {
    env: { ...process.env, ...env },
    encoding: 'utf8'
  });
  return { status, report: JSON.parse(stdout) as DoctorReport };
}

const stateOf = ({ checks }: DoctorReport, id: string): string | undefined => checks.find(one => one.id === id)?.state;

requires('vm')('bpflab doctor', () => {
  it('finds everything that is needed, and loads each program type in the virtual machine', () => {
    const { status, report } = doctor();
    expect(report.version).toBe(1);
    expect(report.checks.filter(check => check.needed && check.state === 'missing')).toEqual([]);
    expect(status).toBe(0);
    expect(report.ready).toBe(true);
    expect(stateOf(report, 'user_namespaces')).toBe('ok');
    const programs = report.checks.find(check => check.id === 'programs_vm')?.facts['programs'] as Record<
      string,
      string
    >;
    expect(Object.entries(programs).filter(([, outcome]) => outcome !== 'ok')).toEqual([]);
    for (const name of ['kprobe', 'fentry', 'lsm', 'xdp', 'struct_ops']) expect(programs).toHaveProperty(name);
  });

  it('says what is missing, and how to get it, where nothing was set up', () => {
    const cache = mkdtempSync(path.join(tmpdir(), 'doctor-'));
    try {
      const { status, report } = doctor({ BPFLAB_CACHE: cache });
      expect(status).toBe(1);
      expect(report.ready).toBe(false);
      expect(stateOf(report, 'images')).toBe('missing');
      expect(report.checks.find(check => check.id === 'images')?.remedy).toBe('Run npm start once.');
      const silent = report.checks.filter(check => check.state === 'missing' && check.remedy === '');
      expect(silent).toEqual([]);
    } finally {
      rmSync(cache, { recursive: true });
    }
  });
});
