import { KernelAPI, type Kernel, type KernelMessage } from '@jupyterlab/services';
import type { CommHandler } from '@jupyterlab/services/lib/kernel/comm.js';
import { KernelConnection } from '@jupyterlab/services/lib/kernel/default.js';
import { InspectorClient } from '../../extension/src/inspector/inspector-client.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpLine } from '../tcp-line.js';
import { startTestServer, type TestServer } from './gateway-server.js';

let test: TestServer;
let kernels: Kernel.IKernelConnection[];

beforeEach(async () => {
  test = await startTestServer();
  kernels = [];
});

afterEach(async () => {
  for (const kernel of kernels) kernel.dispose();
  await test.close();
});

/** A new kernel and a connection to it, as JupyterLab makes them. */
async function startKernel(): Promise<Kernel.IKernelConnection> {
  const model = await KernelAPI.startNew({ name: 'bpflab' }, test.settings);
  const kernel = new KernelConnection({ model, serverSettings: test.settings, handleComms: true });
  kernels.push(kernel);
  return kernel;
}

interface Executed {
  reply: KernelMessage.IExecuteReplyMsg;
  iopub: KernelMessage.IIOPubMessage[];
}

async function execute(kernel: Kernel.IKernelConnection, code: string, metadata = {}): Promise<Executed> {
  const iopub: KernelMessage.IIOPubMessage[] = [];
  const future = kernel.requestExecute({ code, stop_on_error: true }, true, metadata);
  future.onIOPub = message => void iopub.push(message);
  const reply = await future.done;
  return { reply: reply, iopub };
}

const types = (iopub: KernelMessage.IIOPubMessage[]): string[] => iopub.map(message => message.header.msg_type);
const textOf = (iopub: KernelMessage.IIOPubMessage[]): string =>
  iopub
    .map(message => (message.header.msg_type === 'stream' ? (message.content as { text: string }).text : ''))
    .join('');

/** Resolves with the first message that `wanted` accepts. */
function nextMessage(
  kernel: Kernel.IKernelConnection,
  wanted: (message: KernelMessage.IMessage) => boolean
): Promise<KernelMessage.IMessage> {
  return new Promise(resolve => {
    const listener = (_: unknown, { msg, direction }: Kernel.IAnyMessageArgs): void => {
      if (direction !== 'recv' || !wanted(msg)) return;
      kernel.anyMessage.disconnect(listener);
      resolve(msg);
    };
    kernel.anyMessage.connect(listener);
  });
}

/** A comm's subshell request is under way when the comm is made; a test must not end before it was answered. */
const subshellOf = (comm: Kernel.IComm): Promise<void> => (comm as CommHandler).subshellStarted;

describe('a kernel, seen by @jupyterlab/services', () => {
  it('says what it is and executes cells', async () => {
    const kernel = await startKernel();
    const info = await kernel.info;
    expect(info.language_info).toMatchObject({ mimetype: 'text/x-csrc', file_extension: '.bpf.c' });
    expect(kernel.supportsSubshells).toBe(true);
    const { reply, iopub } = await execute(kernel, 'print hello\nshow d1 shown');
    expect(reply.content).toMatchObject({ status: 'ok', execution_count: 1 });
    expect(types(iopub)).toEqual(['status', 'execute_input', 'stream', 'display_data', 'status']);
    expect(textOf(iopub)).toBe('hello\n');
    expect(iopub[3]!.content).toMatchObject({ data: { 'text/plain': 'shown' }, transient: { display_id: 'd1' } });
    expect((await execute(kernel, 'print again')).reply.content.execution_count).toBe(2);
  });

  it('turns a failed cell into an error with code, hint and details, and aborts the cells behind it', async () => {
    const kernel = await startKernel();
    await kernel.info;
    const [failed, second, third] = await Promise.all([
      execute(kernel, 'fail broken'),
      execute(kernel, 'print two'),
      execute(kernel, 'print three')
    ]);
    expect(failed.reply.content).toMatchObject({ status: 'error', ename: 'BPFLAB_CC_FAILED', evalue: 'broken' });
    const error = failed.iopub.find(message => message.header.msg_type === 'error')!;
    expect((error.content as { traceback: string[] }).traceback).toEqual([
      '\u001b[31mBPFLAB_CC_FAILED\u001b[0m: broken',
      'Try again.',
      '',
      'a',
      'b'
    ]);
    expect([second.reply.content.status, third.reply.content.status]).toEqual(['aborted', 'aborted']);
    expect(textOf(second.iopub)).toBe('');
    expect((await execute(kernel, 'print next')).reply.content.status).toBe('ok');
  });

  it('reports a fault of the house as one, and goes on', async () => {
    const kernel = await startKernel();
    const { reply } = await execute(kernel, 'throw invariant broken');
    expect(reply.content).toMatchObject({ status: 'error', ename: 'BPFLAB_INTERNAL', evalue: 'invariant broken' });
    expect((await execute(kernel, 'print on')).reply.content.status).toBe('ok');
  });

  it('completes, inspects, tells history, in code points', async () => {
    const kernel = await startKernel();
    await execute(kernel, 'print 1');
    const code = '𝒳 pri';
    const complete = await kernel.requestComplete({ code, cursor_pos: 5 });
    expect(complete.content).toMatchObject({ matches: ['print'], cursor_start: 2, cursor_end: 5 });
    const inspect = await kernel.requestInspect({ code: 'x', cursor_pos: 1, detail_level: 0 });
    expect(inspect.content).toMatchObject({ found: true, data: { 'text/plain': 'about x' } });
    expect((await kernel.requestIsComplete({ code: 'a \\' })).content.status).toBe('incomplete');
    const history = await kernel.requestHistory({ hist_access_type: 'tail', n: 5, output: false, raw: true });
    expect(history.content).toMatchObject({ history: [[0, 1, 'print 1']] });
  });

  it('interrupts a cell over REST and goes on', async () => {
    const kernel = await startKernel();
    const started = nextMessage(kernel, message => message.header.msg_type === 'stream');
    const running = execute(kernel, 'print started\nsleep 60000');
    await started;
    await kernel.interrupt();
    expect((await running).reply.content).toMatchObject({ status: 'error', ename: 'BPFLAB_CELL_INTERRUPTED' });
    expect((await execute(kernel, 'print on')).reply.content.status).toBe('ok');
  });

  it('restarts: a new session, the old one closed, the count at 1 again', async () => {
    const kernel = await startKernel();
    await execute(kernel, 'print 1');
    await kernel.restart();
    expect((await execute(kernel, 'print 1')).reply.content.execution_count).toBe(1);
    expect(test.sessions.map(session => session.isClosed)).toEqual([true, false]);
  });

  it('ends its session when it is shut down', async () => {
    const kernel = await startKernel();
    await kernel.info;
    await kernel.shutdown();
    expect(test.sessions[0]!.isClosed).toBe(true);
    expect(await (await test.fetch('api/kernels')).json()).toEqual([]);
  });

  it('sends late updates under their own request, and the newest again before the current cell ends', async () => {
    const kernel = await startKernel();
    const first = await execute(kernel, 'show live old\nlater live new');
    const updates: KernelMessage.IMessage[] = [];
    kernel.iopubMessage.connect((_, message) => {
      if (message.header.msg_type === 'update_display_data') updates.push(message);
    });
    const second = await execute(kernel, 'print x');
    const parents = updates.map(message => (message.parent_header as KernelMessage.IHeader).msg_id);
    expect(parents).toEqual([first.reply.parent_header.msg_id, second.reply.parent_header.msg_id]);
    expect(updates.map(message => (message.content as { data: object }).data)).toEqual([
      { 'text/plain': 'new' },
      { 'text/plain': 'new' }
    ]);
  });

  it('merges streams: 5,000 lines are few messages', async () => {
    const kernel = await startKernel();
    const { iopub } = await execute(kernel, 'lines 5000');
    expect(textOf(iopub).split('\n')).toHaveLength(5001);
    expect(types(iopub).filter(type => type === 'stream').length).toBeLessThan(10);
  });

  it('serves views and the session over comms, also while a cell executes', async () => {
    const kernel = await startKernel();
    await execute(kernel, 'view v1');
    const running = execute(kernel, 'sleep 60000');
    const comm = kernel.createComm('bpflab.view');
    const window = await new Promise<KernelMessage.ICommMsgMsg>(resolve => {
      comm.onMsg = message => {
        if ((message.content.data['count'] as number) > 2) resolve(message);
      };
      comm.open({ view: 'v1', window: { type: 'window', first: 0, count: 10 } });
    });
    expect(window.buffers).toHaveLength(3);
    const sequence = new BigUint64Array((window.buffers![0] as DataView).buffer);
    expect([...sequence].slice(0, 3)).toEqual([0n, 1n, 2n]);
    const session = kernel.createComm('bpflab.session');
    const statuses: unknown[] = [];
    const changed = new Promise<void>(resolve => {
      session.onMsg = ({ content }) => {
        statuses.push(content.data['target']);
        if (content.data['target'] === 'host') resolve();
      };
    });
    session.open();
    session.send({ type: 'target', target: 'host' });
    await changed;
    expect(statuses).toEqual(['scripted', 'host']);
    await kernel.interrupt();
    await running;
    await Promise.all([subshellOf(comm), subshellOf(session)]);
  });

  it('is asked again what was on its way when the connection was lost, and does it once', async () => {
    const line = await TcpLine.open(test.server.port);
    const wsUrl = `ws://127.0.0.1:${line.port}/`;
    const model = await KernelAPI.startNew({ name: 'bpflab' }, test.settings);
    const kernel = new KernelConnection({ model, serverSettings: { ...test.settings, wsUrl }, handleComms: true });
    kernels.push(kernel);
    await kernel.info;
    const inspector = new InspectorClient(kernel, { trans: { __: text => text }, language: 'zh_CN' });
    await inspector.ask({ type: 'close', map: 1 });
    line.silence();
    const asked = [inspector.ask({ type: 'detach', link: 1 }), inspector.ask({ type: 'unpin', path: '/x' })];
    line.cut();
    expect(await Promise.all(asked)).toEqual([{}, {}]);
    expect(test.sessions[0]!.examined).toBe(3);
    inspector.dispose();
    await line.close();
  });

  it('closes the comm of a view that does not exist', async () => {
    const kernel = await startKernel();
    await kernel.info;
    const comm = kernel.createComm('bpflab.view');
    const closed = new Promise<KernelMessage.ICommCloseMsg>(resolve => (comm.onClose = resolve));
    comm.open({ view: 'gone', window: { type: 'window', first: 0, count: 1 } });
    await subshellOf(comm);
    expect((await closed).content.data['reason']).toContain('"gone" is gone');
  });
});
