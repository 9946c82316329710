import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { cacheRoot } from './cache.mjs';
import { cpioArchive } from './cpio-archive.mjs';
import { readInstalledFile } from './installed-file.mjs';

interface Member {
  name: string;
  mode: number;
  data: string;
}

/** Reads a newc archive by the format's description, with nothing shared with the writer. */
function readArchive(archive: Buffer): Member[] {
  const members: Member[] = [];
  for (let at = 0; ;) {
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const field = (index: number): number =>
      parseInt(archive.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const name = archive.toString('utf8', at + 110, at + 110 + nameSize - 1);
    const start = (at + 110 + nameSize + 3) & ~3;
    if (name === 'TRAILER!!!') return members;
    members.push({ name, mode, data: archive.toString('latin1', start, start + size) });
    at = (start + size + 3) & ~3;
  }
}

describe('cpioArchive', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bpflab-cpio-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives back names, modes and bytes of any entries', () => {
    const entry = fc.record({
      name: fc.stringMatching(/^[a-z0-9_./-]{1,40}$/),
      mode: fc.constantFrom(0o100644, 0o100755, 0o120777),
      data: fc.uint8Array({ maxLength: 200 })
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), entries => {
        const expected = entries.map(({ name, mode, data }) => ({
          name,
          mode,
          data: Buffer.from(data).toString('latin1')
        }));
        expect(readArchive(cpioArchive(entries))).toEqual(expected);
      })
    );
  });

  it('is unpacked by busybox', context => {
    const archive = cpioArchive([
      { name: 'sub', mode: 0o040750 },
      { name: 'sub/file', mode: 0o100751, data: Buffer.from('odd') },
      { name: 'sub/link', mode: 0o120777, data: Buffer.from('file') }
    ]);
    // The guest's own busybox where set-up was run.
    const { tools } = readInstalledFile(cacheRoot());
    try {
      execFileSync(tools ? join(tools.root, 'usr/bin/busybox') : 'busybox', ['cpio', '-i'], {
        cwd: folder,
        input: archive,
        stdio: ['pipe', 'ignore', 'ignore']
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') context.skip('busybox is not installed');
      throw error;
    }
    expect(readFileSync(join(folder, 'sub/file'), 'utf8')).toBe('odd');
    expect(statSync(join(folder, 'sub/file')).mode & 0o777).toBe(0o751);
    expect(readlinkSync(join(folder, 'sub/link'))).toBe('file');
  });

  it('gives the same bytes for the same entries', () => {
    const entries = [{ name: 'dev/console', mode: 0o020600, device: [5, 1] as [number, number] }];
    expect(cpioArchive(entries).equals(cpioArchive(entries))).toBe(true);
  });
});
