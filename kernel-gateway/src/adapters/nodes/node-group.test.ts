import { describe, expect, it } from 'vitest';
import { AgentRequestError } from '../../core/agent/agent-request-error.js';
import type { AgentConnection } from '../../core/index.js';
import { recordPayload } from '../../core/store/record-payload.js';
import type { AgentEvent, AgentHello, Verb } from '../../protocol/index.js';
import { NodeGroup } from './node-group.js';

const hello = {
  ...{ protocol: 1, agent_version: '', session: 's', worker_pid: 1, kernel_release: '6.12.0', arch: 'x86_64' },
  ...{ page_size: 4096, cpus_online: 2, cpus_possible: 2, capabilities: [], btf_id: '', libbpf_version: '' },
  ...{ realtime_ns: '0', monotonic_ns: '0', boot_id: '', cgroup_path: '', trace_instance: '' }
} satisfies AgentHello;

/** The agent of a node that no test machine has several of, each with another kernel: it answers by a script. */
class ScriptedNode {
  readonly asked: { verb: Verb; fields: Record<string, unknown> }[] = [];
  readonly streams = new Map<number, { data(payload: Uint8Array): void; end(): void }>();
  readonly connection: AgentConnection;
  /** What it is asked while this is there is answered when it resolves. */
  stopped: Promise<void> | null = null;
  lose: (reason: string) => void = () => undefined;
  tell: (event: AgentEvent) => void = () => undefined;
  #next = 1;

  constructor(options: { refuses?: Verb; firstId: number; cpus?: number }) {
    const answer = (verb: Verb): unknown => {
      const { firstId: id } = options;
      const map = { name: 'rb', id, type: 'hash', key_size: 4, value_size: 4, max_entries: 8, flags: 0 };
      const answers: Partial<Record<Verb, unknown>> = {
        load: { programs: [], maps: [map], load_us: 1 },
        attach: { link: id, link_id: id, kind: 'tracing', target: 't', attach_us: 1 },
        exec: { pid: id },
        stats: { programs: [], monotonic_ns: '0' },
        map_read: { entries: 1, cursor: '', complete: true }
      };
      return answers[verb] ?? {};
    };
    const request = (verb: Verb, fields: Record<string, unknown>): Promise<unknown> => {
      this.asked.push({ verb, fields });
      const { stopped } = this;
      if (stopped !== null) return stopped.then(() => answer(verb));
      if (verb === options.refuses)
        return Promise.reject(new AgentRequestError(verb, { code: 'BPFLAB_LOAD_FAILED', message: 'no such hook' }));
      return Promise.resolve(answer(verb));
    };
    this.connection = {
      hello: { ...hello, cpus_possible: options.cpus ?? 2 },
      request: request as AgentConnection['request'],
      newStream: () => this.#next++ + 100,
      onStream: (stream, listener) => void this.streams.set(stream, listener),
      sendData: () => Promise.resolve(),
      sendEnd: () => undefined,
      onEvent: listener => (this.tell = listener),
      onClose: listener => (this.lose = listener),
      close: () => Promise.resolve()
    };
  }

  verbs(): Verb[] {
    return this.asked.map(({ verb }) => verb).filter(verb => verb !== 'stats');
  }
}

const load = { run: 'r', sha256: '', object_name: 'o', log_stream: 1 };

async function groupOf(...nodes: ScriptedNode[]): Promise<NodeGroup> {
  const group = new NodeGroup();
  for (const [index, node] of nodes.entries()) await group.add(`node${index + 1}`, node.connection);
  return group;
}

describe('NodeGroup', () => {
  it('leaves out a node that refuses, and goes on with the others', async () => {
    const [good, bad] = [new ScriptedNode({ firstId: 40 }), new ScriptedNode({ firstId: 50, refuses: 'load' })];
    const group = await groupOf(good, bad);
    await group.request('load', { ...load, log_stream: group.newStream() });
    await group.request('attach', { run: 'r', program: 'p' });
    expect(group.nodes.verdicts('r')).toEqual([
      { node: 0, state: 'running', message: '' },
      { node: 1, state: 'refused', message: 'no such hook' }
    ]);
    expect(good.verbs()).toEqual(['load', 'attach']);
    expect(bad.verbs()).toEqual(['load', 'stop']);
  });

  it('fails with the first refusal when all refuse', async () => {
    const group = await groupOf(
      new ScriptedNode({ firstId: 1, refuses: 'load' }),
      new ScriptedNode({ firstId: 1, refuses: 'load' })
    );
    await expect(group.request('load', { ...load, log_stream: group.newStream() })).rejects.toThrow('no such hook');
  });

  it('asks each node by its own numbers, and tells whose payload it is', async () => {
    const nodes = [new ScriptedNode({ firstId: 40 }), new ScriptedNode({ firstId: 70, cpus: 8 })];
    const group = await groupOf(...nodes);
    expect(group.hello.cpus_possible).toBe(8);
    const { maps } = await group.request('load', { ...load, log_stream: group.newStream() });
    const stream = group.newStream();
    const got: number[] = [];
    let ends = 0;
    group.onStream(stream, { data: (_payload, node) => got.push(node), end: () => (ends += 1) });
    const { entries } = await group.request('map_read', { map_id: maps[0]?.id ?? 0, stream });
    expect(entries).toBe(2);
    expect(nodes.map(node => node.asked.at(-1)?.fields['map_id'])).toEqual([40, 70]);
    const own = nodes.map(node => node.streams.get(Number(node.asked.at(-1)?.fields['stream'])));
    own[1]?.data(recordPayload({ seq: 0, lost: 0n, monoNs: 0n }, []));
    own[0]?.data(recordPayload({ seq: 0, lost: 0n, monoNs: 0n }, []));
    own[0]?.end();
    expect([got, ends]).toEqual([[1, 0], 0]);
    own[1]?.end();
    expect(ends).toBe(1);
  });

  it('ends streams of a node that is lost, and gives one that comes back all that the run is made of', async () => {
    const group = await groupOf(new ScriptedNode({ firstId: 1 }), new ScriptedNode({ firstId: 2 }));
    const lost = new ScriptedNode({ firstId: 3 });
    await group.add('node3', lost.connection);
    const stream = group.newStream();
    group.onStream(stream, { data: () => undefined, end: () => undefined });
    await group.request('load', { ...load, log_stream: group.newStream() });
    await group.request('subscribe', { run: 'r', stream, source: 'ring', map: 'rb' });
    await group.request('attach', { run: 'r', program: 'p' });
    lost.lose('it was deleted');
    expect(group.nodes.verdicts('r').at(-1)).toEqual({ node: 2, state: 'lost', message: 'it was deleted' });
    const back = new ScriptedNode({ firstId: 4 });
    await group.add('node3', back.connection);
    expect(back.verbs()).toEqual(['load', 'subscribe', 'attach']);
    expect(group.nodes.verdicts('r').at(-1)).toMatchObject({ node: 2, state: 'running' });
  });

  it('tells the end of a process when the last node has ended it, with the worst status', async () => {
    const nodes = [new ScriptedNode({ firstId: 11 }), new ScriptedNode({ firstId: 22 })];
    const group = await groupOf(...nodes);
    const told: AgentEvent[] = [];
    group.onEvent(event => told.push(event));
    const { pid } = await group.request('exec', { run: 'sh', argv: ['true'], stdout: group.newStream() });
    nodes[0]?.tell({ event: 'exited', run: 'sh', pid: 11, status: 0, signal: null });
    expect(told).toEqual([]);
    nodes[1]?.tell({ event: 'exited', run: 'sh', pid: 22, status: 3, signal: null });
    expect(told).toEqual([{ event: 'exited', run: 'sh', pid, status: 3, signal: null }]);
  });

  it('goes on without a node that has stopped, and gives it what it missed when it goes on', async () => {
    const [good, slow] = [new ScriptedNode({ firstId: 1 }), new ScriptedNode({ firstId: 2 })];
    const group = await groupOf(good, slow);
    const log_stream = group.newStream();
    await group.request('load', { ...load, log_stream });
    const told: AgentEvent[] = [];
    group.onEvent(event => told.push(event));
    await group.request('exec', { run: 'sh', argv: ['true'], stdout: group.newStream() });
    let goOn = (): void => undefined;
    slow.stopped = new Promise(resolve => (goOn = resolve));
    good.tell({ event: 'exited', run: 'sh', pid: 1, status: 0, signal: null });
    const stream = group.newStream();
    let ends = 0;
    group.onStream(stream, { data: () => undefined, end: () => (ends += 1) });
    const stateOf = (run: string): unknown => group.nodes.verdicts(run).map(({ state }) => state);
    const reading = group.request('map_read', { map_id: 1 << 30, stream });
    good.streams.get(Number(good.asked.at(-1)?.fields['stream']))?.end();
    expect(await reading).toMatchObject({ entries: 1 });
    expect([ends, stateOf('r')]).toEqual([1, ['running', 'late']]);
    expect(told).toMatchObject([{ event: 'exited', status: null }]);
    await group.request('attach', { run: 'r', program: 'p' });
    await group.request('load', { ...load, run: 'later', log_stream: group.newStream() });
    expect(slow.verbs()).toEqual(['load', 'exec', 'map_read']);
    expect(stateOf('later')).toEqual(['running', 'late']);
    slow.stopped = null;
    const isBack = new Promise<void>(resolve =>
      group.nodes.onChange(() => stateOf('later') !== undefined && !String(stateOf('r')).includes('late') && resolve())
    );
    goOn();
    await isBack;
    expect(slow.verbs()).toEqual(['load', 'exec', 'map_read', 'attach', 'load']);
    expect([stateOf('r'), stateOf('later')]).toEqual([
      ['running', 'running'],
      ['running', 'running']
    ]);
    await group.close();
  });

  it('is lost with its last node', async () => {
    const node = new ScriptedNode({ firstId: 1 });
    const group = await groupOf(node);
    const reasons: string[] = [];
    group.onClose(reason => reasons.push(reason));
    node.lose('the machine stopped');
    expect(reasons).toEqual([expect.stringContaining('the machine stopped')]);
    await expect(group.request('stats', {})).rejects.toThrow('were lost');
  });
});
