/** Memory and CPU time of processes, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

const CLOCK_TICKS_PER_S = 100;

/** @param {number} pid */
export function rssBytes(pid) {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? NaN) * 1024;
}

/** Proportional share: pages of a template that n machines share count 1/n for each. @param {number} pid */
export function pssBytes(pid) {
  const line = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(line?.[1] ?? NaN) * 1024;
}

/** @param {number} [ancestor] @returns {number[]} QEMU processes below it */
export function qemuPids(ancestor = process.pid) {
  /** @type {Map<number, { command: string, parent: number }>} */
  const stats = new Map();
  for (const name of readdirSync('/proc').filter(entry => /^\d+$/.test(entry))) {
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8');
      const end = text.lastIndexOf(')');
      const fields = text.slice(end + 2).split(' ');
      stats.set(Number(name), { command: text.slice(text.indexOf('(') + 1, end), parent: Number(fields[1]) });
    } catch {
      // It ended while we looked.
    }
  }
  const descends = (/** @type {number} */ pid) => {
    for (let at = stats.get(pid)?.parent; at && at > 1; at = stats.get(at)?.parent) if (at === ancestor) return true;
    return false;
  };
  return [...stats]
    .filter(([pid, { command }]) => command.startsWith('qemu-system') && descends(pid))
    .map(([pid]) => pid);
}

/** CPU time of all QEMU processes below this one. */
export function qemuCpuSeconds() {
  const seconds = qemuPids().map(pid => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_S;
  });
  return seconds.reduce((sum, one) => sum + one, 0);
}
