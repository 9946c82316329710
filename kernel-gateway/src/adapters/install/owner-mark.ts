import { readFileSync, readlinkSync } from 'node:fs';
import { isMarkAlive, processMark } from '../vm/process-mark.js';

/**
 * Name of this process among all that may share a folder: `BOOT-NAMESPACE-PID-START`, letters and digits between the
 * dashes. Boot and pid namespace tell apart processes of other machines and containers, whose pids mean nothing here.
 */
export function ownerMark(): string {
  return `${here()}-${processMark()}`;
}

/** `gone`: it was a process of this machine and does not run any more; `unknown`: of another one, or no mark. */
export function ownerState(mark: string): 'alive' | 'gone' | 'unknown' {
  const [boot = '', namespace = '', pid = '', start = ''] = mark.split('-');
  if (`${boot}-${namespace}` !== here() || !/^\d+$/.test(start)) return 'unknown';
  return isMarkAlive(`${pid}-${start}`) ? 'alive' : 'gone';
}

function here(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  return `${boot}-${namespace}`;
}
