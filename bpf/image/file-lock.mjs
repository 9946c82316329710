import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StepError } from './step-error.mjs';

/**
 * Runs `work` while no other process holds the lock of that file. The lock is the kernel's (flock(1) of util-linux,
 * kept by a child that ends when our end of its stdin is closed), so it is gone with this process however that ends.
 *
 * @template T
 * @param {string} file - made when it does not exist; holds the process id of the holder, for messages only
 * @param {(holder: string) => void} onWait - called once when somebody else holds it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withFileLock(file, onWait, work) {
  mkdirSync(dirname(file), { recursive: true });
  const release = (await take(file, ['-n'])) ?? (onWait(holderOf(file)), await take(file, []));
  if (!release) throw new StepError('BPFLAB_IMAGE_BUILD', `Cannot lock ${file}.`);
  writeFileSync(file, String(process.pid));
  try {
    return await work();
  } finally {
    await release();
  }
}

/**
 * @param {string} file
 * @param {string[]} flags
 * @returns {Promise<(() => Promise<void>) | null>} null when it was held and `-n` was given
 */
function take(file, flags) {
  return new Promise((resolve, reject) => {
    // flock and cat are in a process group of their own: a Ctrl-C must reach us first, and then the lock goes with us.
    const child = spawn('flock', [...flags, '-x', file, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true
    });
    const ended = new Promise(done => child.on('close', done));
    child.on('error', cause => {
      reject(new StepError('BPFLAB_IMAGE_BUILD', `Cannot start flock — ${cause.message}.`, { cause }));
    });
    child.stdin.on('error', () => {});
    child.stdout.once('data', () => {
      resolve(async () => {
        child.stdin.end();
        await ended;
      });
    });
    void ended.then(() => resolve(null));
  });
}

/** @param {string} file */
function holderOf(file) {
  try {
    return readFileSync(file, 'utf8').trim() || 'another process';
  } catch {
    return 'another process';
  }
}
