import type { AgentConnection } from '../../core/index.js';
import type { ConnectedNodes, NodeAnswer, NodeMember, NodeVerdict } from '../../core/nodes/connected-nodes.js';
import { GroupIds } from '../../core/nodes/group-ids.js';
import { mergeAnswers } from '../../core/nodes/merge-answers.js';
import { groupResult, idsOf, ownFields, processName, streamsOf, type Fields } from '../../core/nodes/own-fields.js';
import { isDeciding, isKept, RunJournal, type JournalEntry } from '../../core/nodes/run-journal.js';
import { LabError, type AgentEvent, type AgentHello, type Result, type Verb } from '../../protocol/index.js';
import { answersInTime, PATIENCE_MS } from './answers-in-time.js';
import { GroupStreams, type GroupListener } from './group-streams.js';
import { GroupProcesses } from './group-processes.js';
import { LateNodes } from './late-nodes.js';
import { LiveNode } from './live-node.js';
import { SharedContent } from './shared-content.js';

/** Verbs whose answer is about one kernel: the first node's stands for all. */
const OF_ONE: ReadonlySet<Verb> = new Set<Verb>([
  ...(['inspect', 'inventory', 'program_code', 'btf_bytes', 'link_detach', 'unpin'] as const),
  ...(['probe', 'read_file', 'test_run', 'map_pop'] as const)
]);

/** Verbs that end something: a late node does it when it can. */
const ENDING: ReadonlySet<Verb> = new Set<Verb>(['stop', 'signal', 'unsubscribe', 'map_delete']);
/** The node goes on to send on the streams of these when it is late. */
const STREAMING: ReadonlySet<Verb> = new Set<Verb>(['subscribe', 'exec']);
const LATE = 'it does not answer, and takes part again when it does';

/**
 * Many agents as one connection: a request goes to every node that takes part, the answers are merged (core/nodes), and
 * payloads carry the number of their node. A node that refuses a run is left out of it; one that comes later gets what the
 * live runs were made of. Nobody waits for a node that is late: it gets what it missed when it answers. Whoever makes it
 * adds and removes nodes (`NodeMembers`) and closes it.
 */
export class NodeGroup implements AgentConnection {
  readonly nodes: ConnectedNodes;
  readonly #names: string[] = [];
  readonly #live = new Map<number, LiveNode>();
  readonly #ids = new GroupIds();
  readonly #streams = new GroupStreams();
  readonly #journal = new RunJournal();
  readonly #content = new SharedContent();
  readonly #processes = new GroupProcesses();
  readonly #late = new LateNodes({
    isThere: live => this.#live.get(live.node) === live,
    replay: (live, entry) => this.#replay(live, entry),
    changed: ({ node, missed }) => {
      this.#processes.setLate(node, missed !== null);
      this.#changed();
    }
  });
  readonly #changeListeners: (() => void)[] = [];
  /** Why nodes that belong here are not connected yet. */
  readonly #away = new Map<number, string>();
  readonly #closeListeners: ((reason: string) => void)[] = [];
  #hello: AgentHello | null = null;
  #lostReason: string | null = null;
  #straggling: NodeJS.Timeout | null = null;

  constructor() {
    this.nodes = {
      names: this.#names,
      members: () => this.#members(),
      timeOffsetNs: node => this.#live.get(node)?.clock.offsetNs ?? 0n,
      lagMs: () => Math.max(0, ...[...this.#live.values()].map(one => one.clock.roundTripMs)),
      verdicts: run => this.#verdicts(run),
      note: (run, node, message) => this.#note(run, node, message),
      refuse: (run, node, message) => this.#refuse(run, { node, state: 'refused', message }),
      onChange: listener => void this.#changeListeners.push(listener),
      each: work => this.#each(work),
      ask: (verb, fields) => this.#askAll(verb, fields)
    };
  }

  /** The first node's, with the largest number of CPUs of all. */
  get hello(): AgentHello {
    if (this.#hello === null) throw new Error('the group has no node yet');
    return this.#hello;
  }

  /** Number of a node of that name, which it keeps. */
  numberOf(name: string): number {
    const at = this.#names.indexOf(name);
    return at >= 0 ? at : this.#names.push(name) - 1;
  }

  /** Takes a node in, with all that the live runs are made of. The connection is the group's from here on. */
  async add(name: string, connection: AgentConnection): Promise<void> {
    const live = new LiveNode(this.numberOf(name), connection);
    await live.readClock();
    connection.onEvent(event => this.#hear(live, event));
    for (const entry of this.#journal.entries()) await this.#replay(live, entry);
    // No await from here on: a request that comes now finds the node among the others.
    const before = this.#hello;
    this.#hello = before ?? connection.hello;
    const cpus = Math.max(connection.hello.cpus_possible, before?.cpus_possible ?? 0);
    this.#hello = { ...this.#hello, cpus_possible: cpus };
    this.#live.set(live.node, live);
    this.#away.delete(live.node);
    connection.onClose(reason => this.#lose(live, reason));
    this.#changed();
  }

  /** A node that is not there yet, and why (null: it is not to come any more): runs say so until it comes. */
  away(name: string, reason: string | null): void {
    if (reason === null) this.#away.delete(this.numberOf(name));
    else this.#away.set(this.numberOf(name), reason);
    this.#changed();
  }

  has(name: string): boolean {
    return this.#live.has(this.#names.indexOf(name));
  }

  /** Ends the work on one node. */
  async remove(name: string): Promise<void> {
    const live = this.#live.get(this.#names.indexOf(name));
    if (live === undefined) return;
    this.#lose(live, 'the node has left the cluster');
    await live.connection.close();
  }

  async request<V extends Verb>(verb: V, fields: Fields<V>): Promise<Result<V>> {
    if (this.#lostReason !== null)
      throw new LabError('BPFLAB_TARGET_LOST', `The nodes were lost during "${verb}": ${this.#lostReason}.`);
    const run = runOf(fields);
    this.#journal.add({ run, verb, fields });
    const put = verb === 'put' ? (fields as Fields as Fields<'put'>) : null;
    if (put !== null) this.#content.expect(put.stream, put.sha256);
    if (verb === 'load') this.#oneLog(fields as Fields as Fields<'load'>);
    const answers = await this.#askAll(verb, fields).finally(() => {
      if (verb === 'stop') this.#end(run);
    });
    const result = mergeAnswers(verb, answers);
    if (put !== null && (result as Result<'put'>).have) this.#content.forget(put.stream);
    return result;
  }

  newStream(): number {
    return this.#streams.make();
  }

  onStream(stream: number, listener: GroupListener): void {
    this.#streams.listen(stream, listener);
  }

  async sendData(stream: number, bytes: Uint8Array): Promise<void> {
    this.#content.take(stream, bytes);
    const own = new Map(this.#streams.ownOf(stream).map(one => [one.node, one.own]));
    const nodes = [...own.keys()].flatMap(node => this.#live.get(node) ?? []);
    const send = (live: LiveNode): Promise<void> => live.connection.sendData(own.get(live.node) ?? 0, bytes);
    // A node that goes meanwhile is told elsewhere.
    await this.#late.inTime(nodes, send, ({ node }) => this.#streams.leave(stream, node));
  }

  sendEnd(stream: number): void {
    this.#content.end(stream);
    for (const { node, own } of this.#streams.ownOf(stream)) this.#live.get(node)?.connection.sendEnd(own);
  }

  onEvent(listener: (event: AgentEvent) => void): void {
    this.#processes.onEvent(listener);
  }

  onClose(listener: (reason: string) => void): void {
    if (this.#lostReason === null) this.#closeListeners.push(listener);
    else listener(this.#lostReason);
  }

  async close(): Promise<void> {
    const all = [...this.#live.values()];
    this.#end('');
    this.#loseAll('it was closed');
    if (this.#straggling !== null) clearTimeout(this.#straggling);
    await answersInTime(all.map(live => live.connection.close()));
  }

  #members(): LiveNode[] {
    const all = [...this.#live.values()].sort((left, right) => left.node - right.node);
    const prompt = all.filter(live => live.missed === null);
    return prompt.length > 0 ? prompt : all;
  }

  #verdicts(run: string): NodeVerdict[] {
    const known = this.#journal.verdicts(run).map(verdict => {
      const isLate = verdict.state === 'running' && this.#live.get(verdict.node)?.missed;
      return isLate ? { ...verdict, state: 'late' as const, message: LATE } : verdict;
    });
    const away = [...this.#away].filter(([node]) => !known.some(verdict => verdict.node === node));
    return [...known, ...away.map(([node, message]) => ({ node, state: 'late' as const, message }))];
  }

  #note(run: string, node: number, message: string): void {
    if (this.#journal.takesPart(run, node)) this.#journal.decide(run, { node, state: 'running', message });
    this.#changed();
  }

  async #each<T>(
    work: (member: NodeMember) => Promise<T>
  ): Promise<{ node: number; outcome: PromiseSettledResult<T> }[]> {
    return this.#late.inTime(this.#members(), work, () => undefined);
  }

  /** What a late node is asked: it hears of it when it answers again. */
  #leaveBehind(live: LiveNode, verb: Verb, fields: Fields): void {
    const run = runOf(fields);
    if (ENDING.has(verb)) void this.#ask(live, verb, fields).catch(() => undefined);
    else if (verb === 'exec')
      this.#journal.decide(run, {
        node: live.node,
        state: 'refused',
        message: 'it did not answer when this was started'
      });
    else if (isKept(verb)) {
      if (run !== '') this.#journal.join(run, live.node);
      live.missed?.push({ run, verb, fields });
    }
  }

  async #askAll<V extends Verb>(verb: V, fields: Fields<V>): Promise<NodeAnswer<V>[]> {
    const { asked, late } = this.#whom(verb, fields);
    for (const live of late) this.#leaveBehind(live, verb, fields);
    if (asked.length === 0) throw new LabError('BPFLAB_TARGET_LOST', `No node is left to ask for "${verb}".`);
    const outcomes = await this.#late.inTime(
      asked,
      live => this.#ask(live, verb, fields),
      (live, work) => this.#expire(live, work, { verb, fields })
    );
    const answers: NodeAnswer<V>[] = [];
    const failures: { node: number; error: unknown }[] = [];
    for (const { node, outcome } of outcomes) {
      if (outcome.status === 'fulfilled') answers.push({ node, result: outcome.value });
      else failures.push({ node, error: outcome.reason });
    }
    if (answers.length === 0) throw failures[0]?.error;
    if (isDeciding(verb)) this.#decide(runOf(fields), answers, failures);
    return answers;
  }

  /** A node has not answered in time: what it says later counts for the run, and not as an answer. */
  #expire<V extends Verb>(
    { node }: LiveNode,
    work: Promise<unknown>,
    { verb, fields }: { verb: V; fields: Fields<V> }
  ): void {
    const run = runOf(fields);
    if (!STREAMING.has(verb)) for (const stream of streamsOf(fields)) this.#streams.leave(stream, node);
    if (!isDeciding(verb)) return;
    this.#journal.join(run, node);
    work.then(
      () => (verb === 'load' && !this.#journal.isLive(run) ? this.#ids.forget({ run }) : undefined),
      (error: unknown) => this.#refuse(run, verdictOf(node, error))
    );
  }

  /** The nodes that a request is for; those that are late only if there are no others. */
  #whom(verb: Verb, fields: Fields): { asked: LiveNode[]; late: LiveNode[] } {
    const run = runOf(fields);
    const ids = idsOf(fields);
    const streams = verb === 'unsubscribe' ? streamsOf(fields) : [];
    const all = [...this.#live.values()]
      .sort((left, right) => left.node - right.node)
      .filter(({ node }) => run === '' || this.#journal.takesPart(run, node))
      .filter(({ node }) => ids.every(id => this.#ids.own(id, node) !== undefined))
      .filter(({ node }) => streams.every(stream => this.#streams.ownOn(stream, node) !== undefined));
    const prompt = all.filter(live => live.missed === null);
    const asked = prompt.length > 0 ? prompt : all;
    if (OF_ONE.has(verb)) return { asked: asked.slice(0, 1), late: [] };
    return { asked, late: all.filter(live => !asked.includes(live)) };
  }

  async #ask<V extends Verb>(live: LiveNode, verb: V, fields: Fields<V>): Promise<Result<V>> {
    const { node } = live;
    const stream = (of: number): number => this.#streams.ownOn(of, node) ?? this.#join(of, live);
    const own = ownFields(fields, { node, ids: this.#ids, stream });
    const pid = verb === 'exec' ? this.#ids.of('process', runOf(fields), processName(fields)) : null;
    if (pid !== null) this.#processes.starts(pid, runOf(fields), node);
    try {
      const result = await live.request(verb, own);
      const hasIt = verb === 'put' && (result as Result<'put'>).have;
      if (hasIt) for (const of of streamsOf(fields)) this.#streams.leave(of, node);
      const grouped = groupResult(verb, result, { fields, node, ids: this.#ids });
      if (pid !== null) this.#processes.settle(of => own => this.#ids.find('process', of, own));
      return grouped;
    } catch (error) {
      for (const of of streamsOf(fields)) this.#streams.leave(of, node);
      if (pid !== null) this.#processes.fails(pid, node);
      throw error;
    }
  }

  #join(stream: number, { node, connection }: LiveNode): number {
    const own = connection.newStream();
    connection.onStream(own, this.#streams.join(stream, node, own));
    return own;
  }

  /** The verifier's log of the first node: several would be one text that nobody can read. */
  #oneLog(fields: Fields<'load'>): void {
    const [first] = this.#whom('load', fields).asked;
    if (first !== undefined) this.#streams.hearOnly(fields.log_stream, first.node);
  }

  #decide(
    run: string,
    answers: readonly { node: number }[],
    failures: readonly { node: number; error: unknown }[]
  ): void {
    for (const { node } of answers) this.#journal.join(run, node);
    for (const { node, error } of failures) this.#refuse(run, verdictOf(node, error));
    this.#changed();
  }

  #refuse(run: string, verdict: NodeVerdict): void {
    this.#journal.decide(run, verdict);
    const live = this.#live.get(verdict.node);
    // What of the run is there goes; a node that never had it says so.
    void live?.connection.request('stop', { run }).catch(() => undefined);
    this.#ids.forget({ run, node: verdict.node });
    this.#changed();
  }

  async #replay(live: LiveNode, { run, verb, fields }: JournalEntry): Promise<void> {
    if (run !== '' && (!this.#journal.isLive(run) || !this.#mayJoin(run, live.node, verb))) return;
    if (verb === 'subscribe' && !streamsOf(fields).every(stream => this.#streams.isOpen(stream))) return;
    try {
      await this.#content.give(live.connection, fields);
      const given = verb === 'load' ? { ...fields, log_stream: this.#streams.make() } : fields;
      await this.#ask(live, verb, given);
      if (run !== '') this.#journal.decide(run, { node: live.node, state: 'running', message: '' });
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      if (run !== '') this.#journal.decide(run, verdictOf(live.node, error));
      void live.connection.request('stop', { run }).catch(() => undefined);
    }
  }

  /** A node that was lost begins anew with the load; one that has refused something of a run gets no more of it. */
  #mayJoin(run: string, node: number, verb: Verb): boolean {
    return verb === 'load' || this.#journal.takesPart(run, node);
  }

  #hear(live: LiveNode, event: AgentEvent): void {
    if (event.event !== 'exited' && event.event !== 'awaits_input') {
      this.#processes.tell(event);
      return;
    }
    this.#processes.hear(live.node, event, pid => this.#ids.find('process', live.node, pid));
    this.#watchStragglers();
  }

  /** A process has ended on some nodes: whether the others are late is seen by asking them. */
  #watchStragglers(): void {
    if (this.#straggling !== null || !this.#processes.hasStragglers) return;
    this.#straggling = setTimeout(() => {
      this.#straggling = null;
      const asked = this.#askAll('stats', {}).catch(() => undefined);
      void asked.then(() => this.#watchStragglers());
    }, PATIENCE_MS);
  }

  #lose(live: LiveNode, reason: string): void {
    if (this.#live.get(live.node) !== live) return;
    this.#live.delete(live.node);
    for (const run of this.#journal.loseNode(live.node, reason)) this.#ids.forget({ run, node: live.node });
    this.#streams.leaveAll(live.node);
    this.#processes.setLate(live.node, false);
    this.#processes.lose(live.node);
    this.#changed();
    if (this.#live.size === 0) this.#loseAll(`all nodes are gone, the last one because ${reason}`);
  }

  #loseAll(reason: string): void {
    if (this.#lostReason !== null) return;
    this.#lostReason = reason;
    this.#live.clear();
    for (let node = 0; node < this.#names.length; node++) this.#streams.leaveAll(node);
    for (const listener of this.#closeListeners.splice(0)) listener(reason);
  }

  #end(run: string): void {
    this.#journal.end(run);
    this.#ids.forget({ run });
  }

  #changed(): void {
    for (const listener of this.#changeListeners) listener();
  }
}

function runOf(fields: Fields): string {
  return String((fields as { run?: string }).run ?? '');
}

function verdictOf(node: number, error: unknown): NodeVerdict {
  const message = error instanceof Error ? error.message : String(error);
  const isLost = error instanceof LabError && error.code === 'BPFLAB_TARGET_LOST';
  return { node, state: isLost ? 'lost' : 'refused', message };
}
