import { readdirSync, readFileSync } from 'node:fs';

/** Host process ids of the QEMU processes that descend from a process (zombies left out). */
export function qemuBelow(ancestor: number = process.pid): number[] {
  const parents = new Map<number, number>();
  const qemus: number[] = [];
  for (const name of readdirSync('/proc').filter(entry => /^\d+$/.test(entry))) {
    const stat = statOf(Number(name));
    if (stat === null) continue;
    parents.set(Number(name), stat.parent);
    if (stat.command.startsWith('qemu-system') && stat.state !== 'Z') qemus.push(Number(name));
  }
  const descends = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at)) if (at === ancestor) return true;
    return false;
  };
  return qemus.filter(descends);
}

/** Whether a process runs (a zombie does not). */
export function isRunning(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== null && stat.state !== 'Z';
}

function statOf(pid: number): { command: string; state: string; parent: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = text.lastIndexOf(')');
    const [state = '', parent = ''] = text.slice(end + 2).split(' ');
    return { command: text.slice(text.indexOf('(') + 1, end), state, parent: Number(parent) };
  } catch {
    return null;
  }
}
