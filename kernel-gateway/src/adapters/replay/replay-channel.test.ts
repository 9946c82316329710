import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeFrame } from '../../core/agent/encode-frame.js';
import { FrameDecoder } from '../../core/agent/frame-decoder.js';
import type { AgentChannel, AgentConnection } from '../../core/index.js';
import { FrameKind, type AgentEvent, type FrameKindNumber } from '../../protocol/index.js';
import { connectAgent } from '../agent/connect-agent.js';
import { createReplayTarget } from './replay-target.js';
import { SessionRecording } from './session-recording.js';

const clientHello = { protocol: 1, after: '0', lease_s: 10 };

/** A small agent: execs end at once with a line of output, stats count how often they were asked. */
function smallAgent(): AgentChannel {
  let onData: (bytes: Uint8Array) => void = () => undefined;
  let onClose: (reason: string) => void = () => undefined;
  let asked = 0;
  let started = 0;
  const say = (kind: FrameKindNumber, stream: number, payload: string | Uint8Array): void =>
    onData(encodeFrame({ kind, stream, payload: typeof payload === 'string' ? Buffer.from(payload) : payload }));
  const sayJson = (kind: FrameKindNumber, value: unknown): void => say(kind, 0, JSON.stringify(value));
  const answers: Record<string, (request: Record<string, unknown>) => void> = {
    exec: ({ id, run, stdout, argv }) => {
      const pid = ++started;
      sayJson(FrameKind.reply, { id, ok: true, result: { pid } });
      say(FrameKind.data, stdout as number, `ran ${(argv as string[]).join(' ')}\n`);
      say(FrameKind.end, stdout as number, '');
      sayJson(FrameKind.event, { event: 'exited', run, pid, status: 0, signal: null });
    },
    stats: ({ id }) =>
      sayJson(FrameKind.reply, { id, ok: true, result: { programs: [], monotonic_ns: String(++asked) } }),
    place: ({ id, path: name }) => sayJson(FrameKind.reply, { id, ok: true, result: { path: `/x/${String(name)}` } }),
    bye: ({ id }) => sayJson(FrameKind.reply, { id, ok: true, result: {} }),
    stop: () => onClose('the agent fell over')
  };
  const decoder = new FrameDecoder();
  return {
    write: bytes => {
      decoder.push(bytes, ({ kind, payload }) => {
        if (kind !== FrameKind.hello && kind !== FrameKind.request) return;
        const value = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
        if (kind === FrameKind.hello) sayJson(FrameKind.hello, { ...agentHello, session: value['session'] });
        else answers[value['verb'] as string]?.(value);
      });
      return Promise.resolve();
    },
    onData: listener => (onData = listener),
    onClose: listener => (onClose = listener),
    close: () => Promise.resolve()
  };
}

const agentHello = {
  ...{ protocol: 1, agent_version: 't', worker_pid: 1, kernel_release: '6', arch: 'x86_64', page_size: 4096 },
  ...{ cpus_online: 1, cpus_possible: 1, capabilities: [], btf_id: '', realtime_ns: '5', monotonic_ns: '6' },
  ...{ boot_id: 'b', cgroup_path: '/', trace_instance: '', libbpf_version: '1' }
};

/** What a gateway sees that runs two commands and looks at the statistics in between. */
async function use(connection: AgentConnection, runs: string[]): Promise<unknown[]> {
  const seen: unknown[] = [connection.hello.kernel_release];
  const events: AgentEvent[] = [];
  for (const run of runs) {
    const stdout = connection.newStream();
    const ended = new Promise<string>(resolve => {
      let text = '';
      connection.onStream(stdout, { data: bytes => (text += Buffer.from(bytes).toString()), end: () => resolve(text) });
    });
    const exited = new Promise<void>(resolve =>
      connection.onEvent(event => {
        if (event.event !== 'exited' || event.run !== run) return;
        events.push(event);
        resolve();
      })
    );
    seen.push(await connection.request('exec', { run, argv: ['echo', String(runs.indexOf(run))], env: {}, stdout }));
    seen.push(await ended, (await connection.request('stats', {})).monotonic_ns);
    await exited;
  }
  return [...seen, events.length];
}

describe('a recorded channel', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'replay-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const open = (channel: AgentChannel, session: string): Promise<AgentConnection> =>
    connectAgent(channel, { ...clientHello, session });
  let recording: SessionRecording;
  const record = async (session: string): Promise<{ channel: AgentChannel; file: string }> => {
    const file = path.join(folder, 'recording');
    const onError = (error: Error): void => expect.unreachable(error.message);
    recording = await SessionRecording.begin(file, { target: 'vm', first_run: 1 }, { replace: true, onError });
    return { channel: recording.wrap(smallAgent(), { target: 'vm', session }), file };
  };
  const replay = (file: string): Promise<AgentChannel> =>
    createReplayTarget({ file, speed: Infinity }).open({
      session: 'x',
      kernel: null,
      signal: new AbortController().signal,
      progress: () => undefined
    });

  it('is played with the same answers, under other names, ids and streams', async () => {
    const { channel, file } = await record('first');
    const live = await open(channel, 'first');
    const seen = await use(live, ['r1', 'r2']);
    await live.close();
    await recording.close();
    const again = await open(await replay(file), 'second');
    expect(again.hello.session).toBe('second');
    again.newStream();
    await expect(use(again, ['other1', 'other2'])).resolves.toEqual(seen);
    await again.close();
  });

  it('answers a query as often as it is asked, and no question that was not recorded', async () => {
    const { channel, file } = await record('first');
    const live = await open(channel, 'first');
    await live.request('stats', {});
    await live.close();
    await recording.close();
    const again = await open(await replay(file), 'first');
    for (let n = 0; n < 3; n++) expect((await again.request('stats', {})).monotonic_ns).toBe('1');
    await expect(again.request('inventory', { scope: 'target' })).rejects.toMatchObject({
      code: 'BPFLAB_REPLAY_MISMATCH',
      message: 'The recording has no such run — it has no answer to "inventory" here.'
    });
    await again.close();
  });

  it('has no answer for another program, file or command, nor for one more', async () => {
    const { channel, file } = await record('first');
    const live = await open(channel, 'first');
    await use(live, ['r1']);
    await live.request('place', { sha256: 'aa'.repeat(32), path: 'x.sh' });
    await live.close();
    await recording.close();
    const again = await open(await replay(file), 'first');
    const code = 'BPFLAB_REPLAY_MISMATCH';
    const exec = { argv: ['echo', '0'], env: {} };
    await expect(
      again.request('exec', { ...exec, argv: ['echo', '1'], run: 'a', stdout: again.newStream() })
    ).rejects.toMatchObject({ code, message: expect.stringContaining('no such run') as string });
    await expect(again.request('place', { sha256: 'bb'.repeat(32), path: 'x.sh' })).rejects.toMatchObject({ code });
    await again.request('exec', { ...exec, run: 'a', stdout: again.newStream() });
    await expect(again.request('exec', { ...exec, run: 'b', stdout: again.newStream() })).rejects.toMatchObject({
      code
    });
    await again.close();
  });

  it('gives what was recorded twice in the recorded order, also when an earlier run is left out', async () => {
    const { channel, file } = await record('first');
    const live = await open(channel, 'first');
    const pids: number[] = [];
    for (const [run, word] of [
      ['r1', 'twice'],
      ['r2', 'between'],
      ['r3', 'twice']
    ] as const) {
      const stdout = live.newStream();
      pids.push((await live.request('exec', { run, argv: [word], env: {}, stdout })).pid);
    }
    await live.close();
    await recording.close();
    const inOrder = async (words: string[]): Promise<number[]> => {
      const again = await open(await replay(file), 'first');
      const seen: number[] = [];
      for (const [at, word] of words.entries()) {
        const stdout = again.newStream();
        seen.push((await again.request('exec', { run: `n${at}`, argv: [word], env: {}, stdout })).pid);
      }
      await again.close();
      return seen;
    };
    expect(await inOrder(['twice', 'between', 'twice'])).toEqual(pids);
    expect(await inOrder(['twice', 'twice'])).toEqual([pids[0], pids[2]]);
    expect(await inOrder(['between', 'twice'])).toEqual([pids[1], pids[2]]);
  });

  it('ends as the recorded one ended', async () => {
    const { channel, file } = await record('first');
    const live = await open(channel, 'first');
    await expect(live.request('stop', { run: 'r1' })).rejects.toMatchObject({ code: 'BPFLAB_TARGET_LOST' });
    await channel.close();
    await recording.close();
    const again = await open(await replay(file), 'first');
    const lost = new Promise(resolve => again.onClose(resolve));
    await expect(again.request('stop', { run: 'r9' })).rejects.toMatchObject({ code: 'BPFLAB_TARGET_LOST' });
    await expect(lost).resolves.toBe('the agent fell over');
  });

  it('is a file that says what it is when it cannot be read', async () => {
    const file = path.join(folder, 'none');
    await expect(replay(file)).rejects.toMatchObject({ code: 'BPFLAB_TARGET_START' });
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
