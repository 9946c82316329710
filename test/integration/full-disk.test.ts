import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLab } from '../../kernel-gateway/src/lab.js';
import { requires } from '../requires.js';
import { hello } from './programs.js';

requires('vm', 'bpf')('a full disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bpflab-disk-test-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
  });
  afterEach(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });

  it('of session and notebook is named, keeps what was there, and is over when there is room again', async () => {
    const lab = createLab({ target: 'host' });
    const notebooks = join(folder, 'notebooks');
    mkdirSync(notebooks);
    const place = { root: notebooks, path: 'n.ipynb' };
    const session = lab.newSession({
      id: `disk-${process.pid}`,
      folder: join(folder, 'session'),
      notebook: () => place
    });
    const run = (text: string) => session.execute({ text, cellId: '' }, () => undefined);
    try {
      expect(await run('%%file kept.h\n#define KEPT 1')).toEqual({ kind: 'ok' });
      expect(await run(hello)).toEqual({ kind: 'ok' });
      expect(await run('%%sh\n/bin/true')).toEqual({ kind: 'ok' });
      expect(await run('%wait events>=1 --timeout 10s')).toEqual({ kind: 'ok' });
      // All of it but a little: what a name in a folder needs.
      writeFileSync(join(folder, 'filler'), '');
      execFileSync('sh', ['-c', `cat /dev/zero > ${folder}/filler 2>/dev/null || true`]);
      const full = { kind: 'failed', code: 'BPFLAB_DISK_FULL' };
      expect(await run(`%%file big.h\n// ${'x'.repeat(500_000)}`)).toMatchObject(full);
      expect(await run('%save printk rows.csv')).toMatchObject(full);
      expect(readdirSync(notebooks)).toEqual([]);
      rmSync(join(folder, 'filler'));
      expect(await run('%save printk rows.csv')).toEqual({ kind: 'ok' });
      expect(await run('%%file big.h\n// small')).toEqual({ kind: 'ok' });
      expect(await run('%%sh\ncat kept.h big.h')).toEqual({ kind: 'ok' });
    } finally {
      await session.close();
      await lab.close();
    }
  });
});
