import type { AgentConnection } from '../../core/index.js';
import type { ConnectedNodes, NodeAnswer, NodeMember, NodeVerdict } from '../../core/nodes/connected-nodes.js';
import { GroupIds } from '../../core/nodes/group-ids.js';
import { mergeAnswers } from '../../core/nodes/merge-answers.js';
import { groupResult, idsOf, ownFields, processName, streamsOf, type Fields } from '../../core/nodes/own-fields.js';
import { isDeciding, RunJournal, type JournalEntry } from '../../core/nodes/run-journal.js';
import { LabError, type AgentEvent, type AgentHello, type Result, type Verb } from '../../protocol/index.js';
import { GroupStreams, type GroupListener } from './group-streams.js';
import { GroupProcesses } from './group-processes.js';
import { LiveNode } from './live-node.js';
import { SharedContent } from './shared-content.js';

/** Verbs whose answer is about one kernel: the first node's stands for all. */
const OF_ONE: ReadonlySet<Verb> = new Set<Verb>([
  ...(['inspect', 'inventory', 'program_code', 'btf_bytes', 'link_detach', 'unpin'] as const),
  ...(['probe', 'read_file', 'test_run', 'map_pop'] as const)
]);

/**
 * Many agents as one connection: a request goes to every node that takes part, the answers are merged (core/nodes), and
 * payloads carry the number of their node. A node that refuses a run is left out of it; one that comes later gets what the
 * live runs were made of. Whoever makes it adds and removes nodes (`NodeMembers`) and closes it.
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
  readonly #changeListeners: (() => void)[] = [];
  readonly #closeListeners: ((reason: string) => void)[] = [];
  #hello: AgentHello | null = null;
  #lostReason: string | null = null;

  constructor() {
    this.nodes = {
      names: this.#names,
      members: () => this.#members(),
      timeOffsetNs: node => this.#live.get(node)?.clock.offsetNs ?? 0n,
      lagMs: () => Math.max(0, ...[...this.#live.values()].map(one => one.clock.roundTripMs)),
      verdicts: run => this.#journal.verdicts(run),
      refuse: (run, node, message) => this.#refuse(run, { node, state: 'refused', message }),
      onChange: listener => void this.#changeListeners.push(listener),
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
    connection.onClose(reason => this.#lose(live, reason));
    this.#changed();
  }

  /** A node that cannot be reached; runs say so until it comes. */
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
    const sent = this.#streams
      .ownOf(stream)
      .flatMap(({ node, own }) => this.#live.get(node)?.connection.sendData(own, bytes) ?? []);
    // A node that goes meanwhile is told elsewhere.
    await Promise.allSettled(sent);
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
    await Promise.all(all.map(live => live.connection.close()));
  }

  #members(): NodeMember[] {
    return [...this.#live.values()].sort((left, right) => left.node - right.node);
  }

  async #askAll<V extends Verb>(verb: V, fields: Fields<V>): Promise<NodeAnswer<V>[]> {
    const asked = this.#whom(verb, fields);
    if (asked.length === 0) throw new LabError('BPFLAB_TARGET_LOST', `No node is left to ask for "${verb}".`);
    const outcomes = await Promise.allSettled(asked.map(live => this.#ask(live, verb, fields)));
    const answers: NodeAnswer<V>[] = [];
    const failures: { node: number; error: unknown }[] = [];
    outcomes.forEach((outcome, index) => {
      const { node } = asked[index] as LiveNode;
      if (outcome.status === 'fulfilled') answers.push({ node, result: outcome.value });
      else failures.push({ node, error: outcome.reason });
    });
    if (answers.length === 0) throw failures[0]?.error;
    if (isDeciding(verb)) this.#decide(runOf(fields), answers, failures);
    return answers;
  }

  /** The nodes that a request is for. */
  #whom(verb: Verb, fields: Fields): LiveNode[] {
    const run = runOf(fields);
    const ids = idsOf(fields);
    const streams = verb === 'unsubscribe' ? streamsOf(fields) : [];
    const all = [...this.#live.values()]
      .sort((left, right) => left.node - right.node)
      .filter(({ node }) => run === '' || this.#journal.takesPart(run, node))
      .filter(({ node }) => ids.every(id => this.#ids.own(id, node) !== undefined))
      .filter(({ node }) => streams.every(stream => this.#streams.ownOn(stream, node) !== undefined));
    return OF_ONE.has(verb) ? all.slice(0, 1) : all;
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
    const first = this.#whom('load', fields)[0];
    if (first !== undefined) this.#streams.hearOnly(fields.log_stream, first.node);
  }

  #decide(
    run: string,
    answers: readonly { node: number }[],
    failures: readonly { node: number; error: unknown }[]
  ): void {
    for (const { node } of answers)
      if (this.#journal.takesPart(run, node)) this.#journal.decide(run, { node, state: 'running', message: '' });
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
  }

  #lose(live: LiveNode, reason: string): void {
    if (this.#live.get(live.node) !== live) return;
    this.#live.delete(live.node);
    for (const run of this.#journal.loseNode(live.node, reason)) this.#ids.forget({ run, node: live.node });
    this.#streams.leaveAll(live.node);
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
