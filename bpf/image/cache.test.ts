import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildFolder, cacheRoot, removeTree, sweepUnfinished } from './cache.mjs';
import { withFileLock } from './file-lock.mjs';

let cache = '';
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'bpflab-cache-'));
});
afterEach(() => removeTree(cache));

/**
 * A process that builds the entry "image" under the lock, as a start does. It says "building" when half is written,
 * then waits for a line on stdin; "built" or "kept" at its end, "waiting" when another holds the lock.
 */
function starter(): { process: ChildProcess; said: (word: string) => Promise<void>; goOn: () => void } {
  const script = `
    import { writeFileSync } from 'node:fs';
    import { once } from 'node:events';
    import { buildFolder, sweepUnfinished } from ${JSON.stringify(new URL('cache.mjs', import.meta.url).href)};
    import { withFileLock } from ${JSON.stringify(new URL('file-lock.mjs', import.meta.url).href)};
    const cache = ${JSON.stringify(cache)};
    await withFileLock(cache + '/install.lock', () => console.log('waiting'), async () => {
      sweepUnfinished([cache]);
      const built = await buildFolder(cache + '/image', async folder => {
        writeFileSync(folder + '/half', String(process.pid));
        console.log('building');
        await once(process.stdin, 'data');
        writeFileSync(folder + '/whole', String(process.pid));
      });
      console.log(built ? 'built' : 'kept');
    });
    process.exit();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const words: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', word => words.push(word));
  const said = async (word: string): Promise<void> => {
    while (!words.includes(word)) await once(lines, 'line');
  };
  return { process: child, said, goOn: () => child.stdin.write('\n') };
}

describe('buildFolder', () => {
  it('is built once by two starts at the same time, the second waits', async () => {
    const first = starter();
    await first.said('building');
    const second = starter();
    await second.said('waiting');
    expect(existsSync(join(cache, 'image'))).toBe(false);
    first.goOn();
    await Promise.all([first.said('built'), second.said('kept')]);
    expect(readFileSync(join(cache, 'image/whole'), 'utf8')).toBe(String(first.process.pid));
  });

  it('is repaired by the next start when one is killed in the middle', async () => {
    const first = starter();
    await first.said('building');
    const second = starter();
    await second.said('waiting');
    first.process.kill('SIGKILL');
    await second.said('building');
    expect(readdirSync(cache).filter(name => name.includes(String(first.process.pid)))).toEqual([]);
    second.goOn();
    await second.said('built');
    expect(readFileSync(join(cache, 'image/half'), 'utf8')).toBe(String(second.process.pid));
    expect(readdirSync(cache).sort()).toEqual(['image', 'install.lock']);
  });

  it('leaves nothing when the build fails', async () => {
    await expect(buildFolder(join(cache, 'image'), () => Promise.reject(new Error('disk full')))).rejects.toThrow(
      'disk'
    );
    expect(readdirSync(cache)).toEqual([]);
  });
});

describe('withFileLock', () => {
  it('gives the result of the work, and the lock back when the work fails', async () => {
    const lock = join(cache, 'a/lock');
    const waited = (): void => expect.unreachable('nobody holds the lock');
    await expect(withFileLock(lock, waited, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withFileLock(lock, waited, () => Promise.resolve(42))).toBe(42);
  });
});

describe('sweepUnfinished', () => {
  it('removes what is not finished, also in folders without write permission, and nothing else', () => {
    mkdirSync(join(cache, '.unfinished-1-image/closed'), { recursive: true });
    writeFileSync(join(cache, '.unfinished-1-image/closed/file'), '');
    chmodSync(join(cache, '.unfinished-1-image/closed'), 0o555);
    mkdirSync(join(cache, 'image'));
    sweepUnfinished([cache, join(cache, 'absent')]);
    expect(readdirSync(cache)).toEqual(['image']);
  });
});

describe('cacheRoot', () => {
  it('prefers BPFLAB_CACHE, then XDG_CACHE_HOME', () => {
    expect(cacheRoot({ BPFLAB_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(cacheRoot({ XDG_CACHE_HOME: '/b' })).toBe('/b/bpflab');
    expect(cacheRoot({ XDG_CACHE_HOME: '' })).toMatch(/\/\.cache\/bpflab$/);
  });
});
