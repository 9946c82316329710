import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContentsManager, SessionAPI, type Kernel } from '@jupyterlab/services';
import { KernelConnection } from '@jupyterlab/services/lib/kernel/default.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { CellRecord, OutputsMessage } from '../../kernel-gateway/src/protocol/index.js';
import { startTestServer, TOKEN, type TestServer } from './gateway-server.js';

interface Cell {
  id: string;
  cell_type: string;
  source: string;
  metadata: object;
  outputs: Record<string, unknown>[];
  execution_count: number | null;
}
type Book = { cells: Cell[] } & Record<string, unknown>;

const codeCell = (id: string, source: string, outputs: Record<string, unknown>[] = []): Cell => ({
  ...{ id, cell_type: 'code', source, metadata: {}, outputs },
  execution_count: null
});
const book = (...cells: Cell[]): Book => ({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
const stdout = (text: string): object => ({ output_type: 'stream', name: 'stdout', text });

let test: TestServer;
let contents: ContentsManager;
let kernels: Kernel.IKernelConnection[];

beforeEach(async () => {
  test = await startTestServer();
  contents = new ContentsManager({ serverSettings: test.settings });
  kernels = [];
  await save(book(codeCell('one', 'print 1'), codeCell('two', 'print 2')));
});

afterEach(async () => {
  for (const kernel of kernels) kernel.dispose();
  contents.dispose();
  await test.close();
});

async function save(content: Book, path = 'a.ipynb'): Promise<void> {
  await contents.save(path, { type: 'notebook', format: 'json', content });
}

async function read(path = 'a.ipynb'): Promise<Book> {
  return (await contents.get(path, { content: true, type: 'notebook' })).content as Book;
}

const onDisk = async (path = 'a.ipynb'): Promise<Book> =>
  JSON.parse(await readFile(join(test.notebooks, path), 'utf8')) as Book;

/** A page's connection to the notebook's kernel. */
async function connect(path = 'a.ipynb'): Promise<Kernel.IKernelConnection> {
  const session = await SessionAPI.startSession(
    { path, name: path, type: 'notebook', kernel: { name: 'bpflab' } },
    test.settings
  );
  const kernel = new KernelConnection({ model: session.kernel!, serverSettings: test.settings });
  kernels.push(kernel);
  await kernel.info;
  return kernel;
}

const send = (kernel: Kernel.IKernelConnection, cell: string, code: string): ReturnType<typeof kernel.requestExecute> =>
  kernel.requestExecute({ code }, false, { cellId: cell });

/** What a page that watches the notebook is told; `next` resolves with the first message that is accepted. */
async function watch(path = 'a.ipynb'): Promise<{
  next(wanted: (message: OutputsMessage) => boolean): Promise<OutputsMessage>;
  close(): void;
}> {
  const url = `${test.origin.replace('http', 'ws')}/bpflab/api/outputs/${path}?token=${TOKEN}`;
  const socket = new WebSocket(url);
  const messages: OutputsMessage[] = [];
  let look = (): void => undefined;
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()) as OutputsMessage);
    look();
  });
  await new Promise(resolve => socket.once('open', resolve));
  return {
    next: wanted =>
      new Promise(resolve => {
        look = () => {
          const found = messages.find(wanted);
          if (found) resolve(found);
        };
        look();
      }),
    close: () => socket.close()
  };
}

const recordsOf = (message: OutputsMessage): CellRecord[] => (message.type === 'cells' ? message.cells : []);

describe('recorded outputs', () => {
  it('are in what is read, though no page has saved them, and in the file when one saves', async () => {
    const kernel = await connect();
    await send(kernel, 'one', 'print hello\nshow d shown').done;
    const [cell] = (await read()).cells;
    expect(cell).toMatchObject({
      execution_count: 1,
      outputs: [stdout('hello\n'), { output_type: 'display_data', data: { 'text/plain': 'shown' }, metadata: {} }]
    });
    expect((await onDisk()).cells[0]!.outputs).toEqual([]);
    await save(book(codeCell('one', 'print 1'), codeCell('two', 'print 2')));
    expect((await onDisk()).cells[0]).toMatchObject({ execution_count: 1 });
    expect((await onDisk()).cells[0]!.outputs).toHaveLength(2);
  });

  it('grow while no page is there, and go on after one has come back', async () => {
    const kernel = await connect();
    const started = new Promise<void>(resolve => {
      send(kernel, 'one', 'print a\nsleep 200\nprint b').onIOPub = ({ header }) => {
        if (header.msg_type === 'stream') resolve();
      };
    });
    await started;
    kernel.dispose();
    const page = await watch();
    const [first] = recordsOf(await page.next(({ type }) => type === 'cells'));
    expect(first).toMatchObject({ cell: 'one', state: 'running', outputs: [stdout('a\n')] });
    await page.next(({ type }) => type === 'end');
    expect((await read()).cells[0]).toMatchObject({ outputs: [stdout('a\nb\n')], execution_count: 1 });
    page.close();
  });

  it('win over a stale page that saves, whose other cells are its own', async () => {
    const kernel = await connect();
    await send(kernel, 'one', 'print new').done;
    const old = [stdout('old\n') as Record<string, unknown>];
    await save(book(codeCell('one', 'print 1', old), codeCell('two', 'print 2', old)));
    expect((await onDisk()).cells.map(({ outputs }) => outputs)).toEqual([
      [{ output_type: 'stream', name: 'stdout', text: ['new\n'] }],
      [{ output_type: 'stream', name: 'stdout', text: ['old\n'] }]
    ]);
  });

  it('are no reason to ask whether the file was changed', async () => {
    const hash = async (): Promise<unknown> => (await contents.get('a.ipynb', { content: false, hash: true })).hash;
    const before = await hash();
    const kernel = await connect();
    await send(kernel, 'one', 'print x').done;
    const kernelspec = { name: 'bpflab', display_name: 'eBPF (C)' };
    await save({ ...book(codeCell('one', 'print 1'), codeCell('two', 'print 2')), metadata: { kernelspec } });
    expect(await hash()).toBe(before);
    await save(book(codeCell('one', 'print 2')));
    expect(await hash()).not.toBe(before);
  });

  it('are gone when the user clears them, in every page', async () => {
    const kernel = await connect();
    await send(kernel, 'one', 'print x').done;
    const other = await watch();
    const cleared = await test.fetch('bpflab/api/outputs/a.ipynb', { method: 'POST', body: '{"cells":["one"]}' });
    expect(cleared.status).toBe(204);
    expect(await other.next(({ type }) => type === 'clear')).toEqual({ type: 'clear', cells: ['one'] });
    expect((await read()).cells[0]).toMatchObject({ outputs: [], execution_count: null });
    other.close();
  });

  it('follow updates of their displays after the cell has completed', async () => {
    const kernel = await connect();
    await send(kernel, 'one', 'show live old\nlater live new').done;
    await send(kernel, 'two', 'print x').done;
    expect((await read()).cells[0]!.outputs).toMatchObject([{ data: { 'text/plain': 'new' } }]);
  });

  it('overwrite a line as a terminal does', async () => {
    const kernel = await connect();
    await send(kernel, 'one', 'print 10 %\rprint 20 %').done;
    expect((await read()).cells[0]!.outputs).toEqual([stdout('print 20 %\n')]);
  });

  it('stay with a notebook that is renamed, and go with one that is deleted', async () => {
    const kernel = await connect();
    await send(kernel, 'one', 'print x').done;
    await contents.rename('a.ipynb', 'b.ipynb');
    expect((await read('b.ipynb')).cells[0]!.outputs).toEqual([stdout('x\n')]);
    await contents.delete('b.ipynb');
    await save(book(codeCell('one', 'print 1')), 'b.ipynb');
    expect((await read('b.ipynb')).cells[0]!.outputs).toEqual([]);
  });

  it('are in a copy, a checkpoint and a download', async () => {
    const kernel = await connect();
    await send(kernel, 'one', 'print x').done;
    const copy = await contents.copy('a.ipynb', '');
    expect((await onDisk(copy.path)).cells[0]!.outputs).toHaveLength(1);
    const downloaded = (await (await test.fetch('files/a.ipynb')).json()) as Book;
    expect(downloaded.cells[0]!.outputs).toHaveLength(1);
  });

  it('make way for a file that was changed elsewhere after they were saved', async () => {
    const kernel = await connect();
    await send(kernel, 'one', 'print x').done;
    await save(book(codeCell('one', 'print 1'), codeCell('two', 'print 2')));
    await send(kernel, 'two', 'print unsaved').done;
    const other = book(
      codeCell('one', 'print 1', [stdout('from elsewhere\n') as Record<string, unknown>]),
      codeCell('two', '')
    );
    await writeFile(join(test.notebooks, 'a.ipynb'), JSON.stringify(other));
    expect((await read()).cells.map(({ outputs }) => outputs)).toEqual([
      [stdout('from elsewhere\n')],
      [stdout('unsaved\n')]
    ]);
  });

  it('end with their kernel: what claims to live is said to have ended', async () => {
    const kernel = await connect();
    await send(kernel, 'one', 'view v').done;
    await kernel.shutdown();
    const view = (await read()).cells[0]!.outputs[0]!['data'] as Record<string, { state: string }>;
    expect(view['application/vnd.bpflab.view+json']!.state).toBe('ended');
  });

  it('outlive the server, also the part of a cell that had not completed', async () => {
    const kernel = await connect();
    await send(kernel, 'one', 'print done').done;
    const started = new Promise<void>(resolve => {
      send(kernel, 'two', 'print begun\nview v\nsleep 60000').onIOPub = ({ header }) => {
        if (header.msg_type === 'display_data') resolve();
      };
    });
    await started;
    await test.server.close();
    const again = await startTestServer({ notebookDir: test.notebooks, stateDir: join(test.folder, 'state') });
    const response = await again.fetch('api/contents/a.ipynb?content=1&type=notebook');
    const { cells } = ((await response.json()) as { content: Book }).content;
    expect(cells[0]!.outputs).toEqual([stdout('done\n')]);
    expect(cells[1]!.outputs[0]).toEqual(stdout('begun\n'));
    const view = cells[1]!.outputs[1]!['data'] as Record<string, { state: string }>;
    expect(view['application/vnd.bpflab.view+json']!.state).toBe('ended');
    await again.close();
  });

  it('may be watched by a follower, and cleared by the owner alone', async () => {
    const refused = await test.fetch('bpflab/api/outputs/a.ipynb', {
      ...{ method: 'POST', body: '{"cells":[]}', token: 'follower-token' }
    });
    expect(refused.status).toBe(403);
  });
});
