/** Processes of a test cluster: started with a log and a note of their id, ended by that note and nothing else. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StepError } from '../../bpf/image/step-error.mjs';

const POLL_MS = 50;

/** Start time of a process in clock ticks (proc(5), field 22): tells it from a later one with the same number. */
function startOf(/** @type {number} */ pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/**
 * Starts a program that goes on when we end.
 *
 * @param {string} state - folder of the cluster
 * @param {{ name: string, command: string, words: string[], env?: Record<string, string> }} program
 * @returns {number} its process id
 */
export function startProcess(state, { name, command, words, env }) {
  for (const folder of ['log', 'pids']) mkdirSync(join(state, folder), { recursive: true });
  const log = openSync(join(state, 'log', `${name}.log`), 'a');
  const child = spawn(command, words, {
    cwd: state,
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], HOME: state, ...env }
  });
  closeSync(log);
  child.unref();
  const pid = child.pid;
  if (pid === undefined) throw new StepError('BPFLAB_IMAGE_BUILD', `Cannot start ${command}.`);
  writeFileSync(join(state, 'pids', name), `${pid} ${startOf(pid) ?? ''}`);
  return pid;
}

/** Ids of the noted processes that run, by name. */
export function runningProcesses(/** @type {string} */ state) {
  const folder = join(state, 'pids');
  /** @type {Map<string, number>} */
  const running = new Map();
  if (!existsSync(folder)) return running;
  for (const name of readdirSync(folder)) {
    const [pid = '', start] = readFileSync(join(folder, name), 'utf8').split(' ');
    if (start !== '' && startOf(Number(pid)) === start) running.set(name, Number(pid));
  }
  return running;
}

/**
 * Ends noted processes: asks, waits, and kills what stays.
 *
 * @param {string} state
 * @param {{ wanted: (name: string) => boolean, graceMs: number }} options
 */
export async function endProcesses(state, { wanted, graceMs }) {
  const chosen = () => [...runningProcesses(state)].filter(([name]) => wanted(name));
  for (const [, pid] of chosen()) process.kill(pid, 'SIGTERM');
  const until = Date.now() + graceMs;
  while (chosen().length > 0 && Date.now() < until) await delay(POLL_MS);
  for (const [, pid] of chosen()) process.kill(pid, 'SIGKILL');
  while (chosen().length > 0) await delay(POLL_MS);
  for (const name of existsSync(join(state, 'pids')) ? readdirSync(join(state, 'pids')) : [])
    if (wanted(name)) rmSync(join(state, 'pids', name));
}

/**
 * Waits for a condition of something outside that tells nobody when it changes.
 *
 * @param {{ what: string, timeoutMs: number, log?: string }} options - log: file whose end explains a failure
 * @param {() => Promise<boolean> | boolean} condition - a rejection counts as "not yet"
 */
export async function waitUntil({ what, timeoutMs, log }, condition) {
  const until = Date.now() + timeoutMs;
  let last = '';
  while (Date.now() < until) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await delay(POLL_MS);
  }
  const details = log !== undefined && existsSync(log) ? readFileSync(log, 'utf8').slice(-4000) : last;
  throw new StepError('BPFLAB_IMAGE_BUILD', `${what} did not come within ${timeoutMs / 1000} s.`, { details });
}
