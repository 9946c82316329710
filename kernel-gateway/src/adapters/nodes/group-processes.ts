import type { AgentEvent } from '../../protocol/index.js';

type ProcessEvent = Extract<AgentEvent, { event: 'exited' | 'awaits_input' }>;
type Exited = Extract<AgentEvent, { event: 'exited' }>;

type GroupPid = (pid: number) => number | undefined;

/** Events that wait for the answer of their process's start. */
const EARLY_KEPT = 1000;

interface GroupProcess {
  run: string;
  alive: Set<number>;
  /** The worst end so far. */
  end: Exited | null;
}

/** One process on each node, told of as one: it ends when the last one does, with the worst end of all. */
export class GroupProcesses {
  readonly #listeners: ((event: AgentEvent) => void)[] = [];
  readonly #processes = new Map<number, GroupProcess>();
  /** Nodes that do not answer: nobody waits for what runs there. */
  readonly #late = new Set<number>();
  /** What was told before the answer that names the process. */
  #early: { node: number; event: ProcessEvent }[] = [];
  /** Starts that are not answered yet: without one, what nobody knows is about a process that the group did not start. */
  #starting = 0;

  onEvent(listener: (event: AgentEvent) => void): void {
    this.#listeners.push(listener);
  }

  tell(event: AgentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** The process of that group number is being started on that node. */
  starts(pid: number, run: string, node: number): void {
    this.#starting++;
    const process = this.#processes.get(pid) ?? { run, alive: new Set<number>(), end: null };
    this.#processes.set(pid, process);
    process.alive.add(node);
  }

  /** It could not be started there. */
  fails(pid: number, node: number): void {
    this.#answered();
    this.#failOn(pid, node);
  }

  #failOn(pid: number, node: number): void {
    const process = this.#processes.get(pid);
    if (process !== undefined)
      this.#end(pid, node, { event: 'exited', run: process.run, pid, status: null, signal: null });
  }

  /** An event of one node; `groupPid` finds the group's number of a process, when its start was answered. */
  hear(node: number, event: ProcessEvent, groupPid: GroupPid): void {
    if (!this.#handle(node, event, groupPid) && this.#starting > 0)
      this.#early = [...this.#early, { node, event }].slice(-EARLY_KEPT);
  }

  /** A start was answered: what was told about it before finds its process now. */
  settle(groupPid: (node: number) => GroupPid): void {
    this.#early = this.#early.filter(one => !this.#handle(one.node, one.event, groupPid(one.node)));
    this.#answered();
  }

  #answered(): void {
    if (--this.#starting === 0) this.#early = [];
  }

  /** Whether a process has ended on some of its nodes only. */
  get hasStragglers(): boolean {
    return [...this.#processes.values()].some(process => process.end !== null);
  }

  /** What has ended on all other nodes ends without one that is late. */
  setLate(node: number, isLate: boolean): void {
    if (isLate) this.#late.add(node);
    else this.#late.delete(node);
    for (const [pid, process] of this.#processes) this.#tellEnd(pid, process);
  }

  /** The node is gone, and its processes with it. */
  lose(node: number): void {
    for (const pid of [...this.#processes.keys()]) this.#failOn(pid, node);
  }

  #handle(node: number, event: ProcessEvent, groupPid: GroupPid): boolean {
    const pid = groupPid(event.pid);
    if (pid === undefined) return false;
    if (event.event === 'exited') this.#end(pid, node, { ...event, pid });
    else this.tell({ ...event, pid });
    return true;
  }

  #end(pid: number, node: number, event: Exited): void {
    const process = this.#processes.get(pid);
    if (process === undefined || !process.alive.delete(node)) return;
    process.end = worse(process.end, event);
    this.#tellEnd(pid, process);
  }

  #tellEnd(pid: number, { end, alive, run }: GroupProcess): void {
    if (end === null || [...alive].some(node => !this.#late.has(node))) return;
    this.#processes.delete(pid);
    this.tell(alive.size === 0 ? end : worse(end, { event: 'exited', run, pid, status: null, signal: null }));
  }
}

/** A process that ended well is the least that can be told. */
function worse(left: Exited | null, right: Exited): Exited {
  return left === null || (left.status === 0 && left.signal === null) ? right : left;
}
