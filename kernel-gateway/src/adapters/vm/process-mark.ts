import { readFileSync } from 'node:fs';

/**
 * Name of a process that no later process gets: "PID-STARTTIME" (start in clock ticks since boot), "PID-0" when there
 * is no such process.
 *
 * @see proc_pid_stat(5), field 22
 */
export function processMark(pid: number = process.pid): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${pid}-${fields[19] ?? '0'}`;
  } catch {
    return `${pid}-0`;
  }
}

/** Whether the process of a mark still runs. */
export function isMarkAlive(mark: string): boolean {
  const pid = Number(mark.split('-')[0]);
  return Number.isInteger(pid) && pid > 0 && !mark.endsWith('-0') && processMark(pid) === mark;
}
