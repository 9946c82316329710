import { beforeEach, describe, expect, it } from 'vitest';
import { noLab } from '../../../../test/fixtures/no-lab.mjs';
import type { CellOutcome, CellOutput, Session } from '../session/ports.js';
import { LabError, type LabState, type SessionStatus } from '../../protocol/index.js';
import type { JupyterMessage, KernelClient } from './jupyter-message.js';
import { ABORT_GATHER_MS, KernelCore } from './kernel-core.js';
import { STREAM_FLUSH_MS, STREAM_LIMIT_CHARS } from './output-publisher.js';

/** A clock that stands still until it is told to go on. */
class ManualClock {
  #now = 0;
  #ids = 0;
  #timers: { at: number; action: () => void }[] = [];

  now = (): string => new Date(this.#now).toISOString();
  newId = (): string => `id-${this.#ids++}`;
  schedule = (delayMs: number, action: () => void): (() => void) => {
    const timer = { at: this.#now + delayMs, action };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter(other => other !== timer));
  };

  async advance(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { action } of due) action();
    await settled();
  }
}

/** Lets everything happen that needs no time. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** A session whose cells end when the test says so. */
class HeldSession implements Session {
  readonly id = 'held';
  readonly texts: string[] = [];
  output: (output: CellOutput) => void = () => undefined;
  late: (output: CellOutput) => void = () => undefined;
  end: (outcome: CellOutcome) => void = () => undefined;
  throwError: (error: unknown) => void = () => undefined;
  interrupts = 0;
  closes = 0;
  commands = 0;
  /** What every question fails with. */
  fault: Error | null = null;

  execute(cell: { text: string; cellId: string }, output: (output: CellOutput) => void): Promise<CellOutcome> {
    this.texts.push(cell.text);
    this.output = output;
    return new Promise((resolve, reject) => {
      this.end = resolve;
      this.throwError = reject;
    });
  }
  interrupt(): void {
    this.interrupts++;
    this.end({ kind: 'interrupted' });
  }
  command(): Promise<void> {
    this.commands++;
    return Promise.reject(this.fault ?? new LabError('BPFLAB_RUN_UNKNOWN', 'There is no run "x".'));
  }
  status(): SessionStatus {
    return {
      type: 'status',
      session: this.id,
      target: 'vm',
      target_state: 'none',
      kernel_release: '',
      arch: '',
      message: '',
      runs: []
    };
  }
  onStatus(): void {}
  onOutput(listener: (output: CellOutput) => void): void {
    this.late = listener;
  }
  openView(): null {
    return null;
  }
  verifierLog(): Promise<never> {
    return Promise.reject(this.fault ?? new LabError('BPFLAB_RUN_UNKNOWN', 'There is no such run.'));
  }
  openRows(): Promise<null> {
    return Promise.resolve(null);
  }
  complete(_text: string, cursor: number): Promise<{ matches: string[]; start: number; end: number }> {
    return Promise.resolve({ matches: ['x'], start: cursor, end: cursor });
  }
  inspect(): Promise<{ found: boolean; text: string }> {
    return Promise.reject(new Error('a fault'));
  }
  language(): Promise<never> {
    return Promise.reject(this.fault ?? new LabError('BPFLAB_FILE_PATH', 'There is no header "x.h".'));
  }
  openLab(): Promise<LabState> {
    return Promise.resolve(noLab);
  }
  onLabState(): void {}
  askLab(): Promise<never> {
    return Promise.reject(this.fault ?? new LabError('BPFLAB_LAB_UNKNOWN', 'This notebook is of no lab.'));
  }
  examine(): Promise<never> {
    return Promise.reject(this.fault ?? new Error('nothing to look at'));
  }
  isComplete(): 'complete' {
    return 'complete';
  }
  close(): Promise<void> {
    this.closes++;
    return Promise.resolve();
  }
}

let clock: ManualClock;
let session: HeldSession;
let core: KernelCore;
let iopub: JupyterMessage[];
let replies: JupyterMessage[];
let client: KernelClient;
let shutdowns: boolean[];

beforeEach(() => {
  clock = new ManualClock();
  session = new HeldSession();
  iopub = [];
  replies = [];
  shutdowns = [];
  client = { send: message => void replies.push(message) };
  core = new KernelCore(session, {
    clock,
    version: '1',
    publish: message => void iopub.push(message),
    onShutdownRequest: restart => void shutdowns.push(restart)
  });
});

function send(type: string, id: string, content: Record<string, unknown> = {}, header: object = {}): void {
  core.handle(
    {
      channel: 'shell',
      header: { msg_id: id, session: 's', username: '', date: '', msg_type: type, version: '5.4', ...header },
      parent_header: {},
      metadata: {},
      content,
      buffers: []
    },
    client
  );
}

const execute = (id: string, code: string, more: object = {}): void => send('execute_request', id, { code, ...more });
const reply = (id: string): JupyterMessage | undefined =>
  replies.find(({ parent_header }) => parent_header['msg_id'] === id);
const under = (id: string): string[] =>
  iopub
    .filter(({ parent_header }) => parent_header['msg_id'] === id)
    .map(({ header, content }) =>
      header.msg_type === 'status' ? String(content['execution_state']) : header.msg_type
    );
const print = (text: string, name: 'stdout' | 'stderr' = 'stdout'): void =>
  session.output({ kind: 'stream', name, text });
const texts = (): unknown[] =>
  iopub.filter(({ header }) => header.msg_type === 'stream').map(({ content }) => content['text']);
const failure: CellOutcome = { kind: 'failed', code: 'BPFLAB_CC_FAILED', message: 'm', hint: 'h', details: '' };

describe('the queue', () => {
  it('runs one cell after the other', async () => {
    execute('a', 'one');
    execute('b', 'two');
    await settled();
    expect(session.texts).toEqual(['one']);
    expect(core.executionState).toBe('busy');
    session.end({ kind: 'ok' });
    await settled();
    expect(session.texts).toEqual(['one', 'two']);
    session.end({ kind: 'ok' });
    await settled();
    expect(core.executionState).toBe('idle');
    expect([reply('a')!.content['execution_count'], reply('b')!.content['execution_count']]).toEqual([1, 2]);
    expect(under('b')).toEqual(['busy', 'execute_input', 'idle']);
  });

  it('aborts what waits and what was on its way when a cell fails, and nothing that comes after its reply', async () => {
    execute('a', 'one');
    execute('b', 'two');
    await settled();
    session.end(failure);
    await settled();
    expect(reply('a')).toBeUndefined();
    execute('c', 'three');
    await clock.advance(ABORT_GATHER_MS);
    expect([reply('a')!.content['status'], reply('b')!.content['status'], reply('c')!.content['status']]).toEqual([
      'error',
      'aborted',
      'aborted'
    ]);
    expect(under('b')).toEqual(['busy', 'idle']);
    execute('d', 'four');
    await settled();
    expect(session.texts).toEqual(['one', 'four']);
  });

  it('goes on after a failure when the client asks for that', async () => {
    execute('a', 'one', { stop_on_error: false });
    execute('b', 'two');
    session.end(failure);
    await settled();
    expect(session.texts).toEqual(['one', 'two']);
  });

  it('aborts what waits when the cell is interrupted, and interrupts nothing when none executes', async () => {
    core.interrupt();
    execute('a', 'one');
    execute('b', 'two');
    core.interrupt();
    await clock.advance(ABORT_GATHER_MS);
    await clock.advance(ABORT_GATHER_MS);
    expect(session.interrupts).toBe(1);
    expect(reply('a')!.content['ename']).toBe('BPFLAB_CELL_INTERRUPTED');
    expect(reply('b')!.content['status']).toBe('aborted');
  });

  it('shows nothing of a silent cell, and counts only what is stored', async () => {
    execute('a', 'one', { silent: true });
    print('hidden');
    session.end(failure);
    await settled();
    await clock.advance(ABORT_GATHER_MS);
    expect(under('a')).toEqual(['busy', 'idle']);
    execute('b', 'two', { store_history: false });
    await settled();
    session.end({ kind: 'ok' });
    await settled();
    expect(reply('b')!.content['execution_count']).toBe(0);
    send('history_request', 'h', { hist_access_type: 'tail', n: 9 });
    await settled();
    expect(reply('h')!.content['history']).toEqual([]);
  });

  it('ends with the kernel: the running cell interrupted, the others aborted, later ones too', async () => {
    execute('a', 'one');
    execute('b', 'two');
    const ended = core.end();
    await clock.advance(ABORT_GATHER_MS);
    await ended;
    execute('c', 'three');
    expect([reply('b')!.content['status'], reply('c')!.content['status'], session.closes]).toEqual([
      'aborted',
      'aborted',
      1
    ]);
    await core.end();
    expect(session.closes).toBe(1);
  });
});

describe('streams', () => {
  it('are sent together after a short while, in order with other outputs', async () => {
    execute('a', 'one');
    print('1');
    print('2');
    expect(texts()).toEqual([]);
    await clock.advance(STREAM_FLUSH_MS);
    expect(texts()).toEqual(['12']);
    print('3');
    print('e', 'stderr');
    session.output({ kind: 'display', displayId: 'd', data: {}, update: false });
    print('4');
    session.end({ kind: 'ok' });
    await settled();
    expect(texts()).toEqual(['12', '3', 'e', '4']);
    expect(under('a')).toEqual([
      ...['busy', 'execute_input', 'stream', 'stream', 'stream'],
      ...['display_data', 'stream', 'idle']
    ]);
  });

  it('stop at a limit, and what was left out is counted', async () => {
    execute('a', 'one');
    for (let n = 0; n < 3; n++) print('x'.repeat(STREAM_LIMIT_CHARS / 2 + 1));
    session.end({ kind: 'ok' });
    await settled();
    const all = texts() as string[];
    expect(all.slice(0, -1).join('')).toBe('x'.repeat(STREAM_LIMIT_CHARS));
    expect(all.at(-1)).toContain(`${STREAM_LIMIT_CHARS / 2 + 3} more characters of stdout`);
  });
});

describe('displays of runs that outlive their cell', () => {
  const update = (value: string): void =>
    session.late({ kind: 'display', displayId: 'd', data: { 'text/plain': value }, update: true });

  it('are updated under the request that made them, and once more before the next cell ends', async () => {
    execute('a', 'one');
    session.output({ kind: 'display', displayId: 'd', data: {}, update: false });
    session.end({ kind: 'ok' });
    await settled();
    update('1');
    update('2');
    execute('b', 'two');
    await settled();
    update('3');
    session.end({ kind: 'ok' });
    await settled();
    execute('c', 'three');
    await settled();
    session.end({ kind: 'ok' });
    await settled();
    const updates = iopub.filter(({ header }) => header.msg_type === 'update_display_data');
    expect(updates.map(({ parent_header, content }) => [parent_header['msg_id'], content['data']])).toEqual([
      ['a', { 'text/plain': '1' }],
      ['a', { 'text/plain': '2' }],
      ['a', { 'text/plain': '3' }],
      ['b', { 'text/plain': '3' }]
    ]);
    expect(updates.every(({ content }) => (content['transient'] as { display_id: string }).display_id === 'd')).toBe(
      true
    );
  });
});

describe('other requests', () => {
  it('are answered while a cell executes, and the kernel is said to be busy again', async () => {
    execute('a', 'one');
    send('kernel_info_request', 'i');
    await settled();
    expect(reply('i')!.content['protocol_version']).toBe('5.4');
    const states = iopub.filter(({ header }) => header.msg_type === 'status').slice(-2);
    expect(states.map(({ content, parent_header }) => [content['execution_state'], parent_header['msg_id']])).toEqual([
      ['idle', 'i'],
      ['busy', 'a']
    ]);
  });

  it('get an error reply for a fault', async () => {
    send('inspect_request', 'i', { code: 'x', cursor_pos: 0 });
    await settled();
    expect(reply('i')!.content).toMatchObject({ status: 'error', ename: 'BPFLAB_INTERNAL', evalue: 'a fault' });
    expect(under('i')).toEqual(['busy', 'idle']);
  });

  it('may go to a subshell that is open, and to no other', async () => {
    send('create_subshell_request', 'c');
    await settled();
    const id = reply('c')!.content['subshell_id'];
    send('complete_request', 'x', { code: 'a', cursor_pos: 1 }, { subshell_id: id });
    send('list_subshell_request', 'l');
    send('delete_subshell_request', 'd', { subshell_id: id });
    send('complete_request', 'y', { code: 'a', cursor_pos: 1 }, { subshell_id: id });
    await settled();
    expect(reply('x')!.content['status']).toBe('ok');
    expect(reply('l')!.content['subshell_id']).toEqual([id]);
    expect(reply('y')!.content['status']).toBe('error');
  });

  it('of a comm are heard when the subshell of its page is gone: another comm took it along', async () => {
    send('comm_open', 'o', { comm_id: 'e', target_name: 'bpflab.language', data: {} });
    send('create_subshell_request', 'c');
    await settled();
    const id = reply('c')!.content['subshell_id'];
    send('delete_subshell_request', 'd', { subshell_id: id });
    send('comm_msg', 'm', { comm_id: 'e', data: { id: 5, ask: { kind: 'list_files' } } }, { subshell_id: id });
    await settled();
    const answers = replies.filter(({ header }) => header.msg_type === 'comm_msg');
    expect(answers.map(({ content }) => content['data'])).toMatchObject([{ id: 5 }]);
  });

  it('that are not known, or malformed, harm nothing', async () => {
    send('debug_request', 'd');
    send('comm_msg', 'm', { comm_id: 7 });
    send('comm_open', 'o', { comm_id: 'c', target_name: 'other' });
    send('complete_request', 'c', { code: 5, cursor_pos: 'x' });
    await settled();
    expect(under('d')).toEqual(['busy', 'idle']);
    expect(reply('c')!.content['status']).toBe('ok');
    expect(replies.find(({ header }) => header.msg_type === 'comm_close')!.content['data']).toMatchObject({
      reason: 'The kernel has no comm target "other".'
    });
  });

  it('answer editors by the number of their question, failures too', async () => {
    send('comm_open', 'o', { comm_id: 'e', target_name: 'bpflab.language', data: {} });
    send('comm_msg', 'm', { comm_id: 'e', data: { id: 5, ask: { kind: 'list_files' } } });
    send('comm_msg', 'n', { comm_id: 'e', data: { id: 6, ask: { kind: 'dance' } } });
    await settled();
    const answers = replies
      .filter(({ header }) => header.msg_type === 'comm_msg')
      .map(({ content }) => content['data']);
    expect(answers).toMatchObject([
      { id: 5, ok: false, code: 'BPFLAB_FILE_PATH', message: 'There is no header "x.h".' }
    ]);
  });

  it.each([
    ['bpflab.inspect', { request: 3, type: 'inventory' }, { request: 3 }],
    ['bpflab.lab', { request: 3, type: 'check', step: '' }, { request: 3 }],
    ['bpflab.language', { id: 3, ask: { kind: 'list_files' } }, { id: 3 }],
    ['bpflab.session', { type: 'stop', run: 'x', request: '3' }, { request: '3' }],
    ['bpflab.verifier', null, { type: 'failed' }]
  ])('are answered also when there is a fault in the house: %s', async (target, question, name) => {
    session.fault = new Error('a fault');
    send('comm_open', 'o', { comm_id: 'c', target_name: target, data: {} });
    if (question !== null) send('comm_msg', 'm', { comm_id: 'c', data: question });
    await settled();
    const answers = replies.flatMap(({ content }) => (content['data'] as { code?: string } | undefined) ?? []);
    expect(answers.filter(({ code }) => code !== undefined)).toMatchObject([
      { ...name, code: 'BPFLAB_INTERNAL', message: 'a fault', hint: expect.stringContaining('report') as string }
    ]);
  });

  it('tell the client of a command that failed, over its comm', async () => {
    send('comm_open', 'o', { comm_id: 'c', target_name: 'bpflab.session', data: {} });
    send('comm_msg', 'm', { comm_id: 'c', data: { type: 'stop', run: 'x' } });
    await settled();
    send('comm_msg', 'n', { comm_id: 'c', data: { type: 'dance' } });
    await settled();
    const data = replies
      .filter(({ header }) => header.msg_type === 'comm_msg')
      .map(({ content }) => content['data'] as { type: string; code?: string });
    expect(data.map(({ type, code }) => code ?? type)).toEqual(['status', 'BPFLAB_RUN_UNKNOWN', 'BPFLAB_INTERNAL']);
  });

  it('are done once and answered each time when a client asks again under the same name', async () => {
    const command = { comm_id: 'c', data: { type: 'stop', run: 'x', request: '1' } };
    send('comm_open', 'o', { comm_id: 'c', target_name: 'bpflab.session', data: {} });
    send('comm_msg', 'm', command);
    send('comm_msg', 'n', command);
    await settled();
    send('comm_msg', 'p', command);
    send('comm_msg', 'q', { ...command, data: { ...command.data, request: '2' } });
    await settled();
    const answers = replies.map(({ content }) => content['data'] as { request?: string } | undefined);
    expect(answers.flatMap(data => data?.request ?? [])).toEqual(['1', '1', '1', '2']);
    expect(session.commands).toBe(2);
  });

  it('to open a comm that is open are answered with all there is, to its own client only', async () => {
    const other: JupyterMessage[] = [];
    const open = { comm_id: 'c', target_name: 'bpflab.session', data: {} };
    send('comm_open', 'o', open);
    send('comm_open', 'p', open);
    client = { send: message => void other.push(message) };
    send('comm_open', 'q', open);
    await settled();
    const told = (messages: JupyterMessage[]): unknown[] =>
      messages.filter(({ header }) => header.msg_type.startsWith('comm')).map(({ content }) => content['data']);
    expect(told(replies)).toMatchObject([{ type: 'status' }, { type: 'status' }]);
    expect(told(other)).toEqual([]);
  });

  it('open so many comms and no more for one client, and again when one was closed', async () => {
    const open = (id: string): void => send('comm_open', id, { comm_id: id, target_name: 'bpflab.language', data: {} });
    for (let n = 0; n < 4097; n++) open(`c${n}`);
    await settled();
    const refused = (): JupyterMessage[] => replies.filter(({ header }) => header.msg_type === 'comm_close');
    expect(refused().map(({ content }) => content)).toMatchObject([
      { comm_id: 'c4096', data: { code: 'BPFLAB_COMM_LIMIT' } }
    ]);
    send('comm_close', 'x', { comm_id: 'c7', data: {} });
    open('c4096');
    const first = client;
    client = { send: message => void replies.push(message) };
    open('other');
    client = first;
    await settled();
    expect(refused()).toHaveLength(1);
    open('last');
    await settled();
    expect(refused()).toHaveLength(2);
  });

  it('for the end of the kernel are replied to first', async () => {
    send('shutdown_request', 's', { restart: true });
    expect(shutdowns).toEqual([]);
    await settled();
    expect([reply('s')!.content['restart'], shutdowns]).toEqual([true, [true]]);
  });
});
