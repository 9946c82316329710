import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { VIEW_COMM } from '../../kernel-gateway/src/protocol/index.js';
import { requires } from '../requires.js';
import { TcpLine } from '../tcp-line.js';
import { EVENTS } from './events-program.js';
import { LabBrowser } from './lab-browser.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from './lab-in-browser.js';
import { LabPage } from './lab-page.js';
import { LabServer } from './lab-server.js';
import { notebookOf } from './notebook-of.js';
import { NotebookPage } from './notebook-page.js';
import { compareKilledPages } from './reload-run.js';

const WAIT = { timeout: 30_000, interval: 100 };
const HEADER = '%%file event.h\nstruct event { int pid; };\n';
const PROGRAM =
  '#include "vmlinux.h"\n#include "event.h"\n#include <bpf/bpf_helpers.h>\nchar LICENSE[] SEC("license") = "GPL";\n';

requires('vm', 'chromium')('outputs and pages', () => {
  it('are the same byte for byte when the page is killed while its cells run', () => compareKilledPages(3));
});

requires('vm', 'chromium')('outputs and two pages', () => {
  let opened: LabInBrowser;
  let first: LabPage;
  let second: LabPage;
  let here: NotebookPage;
  let there: NotebookPage;
  const textOf = async (notebook: NotebookPage, index: number): Promise<string> =>
    (await notebook.outputs(index)).map(({ text }) => text ?? '').join('');

  beforeAll(async () => {
    opened = await openLabInBrowser();
    const { server, browser } = opened;
    ({ lab: first, notebook: here } = opened);
    second = new LabPage(await browser.newPage(), server);
    there = new NotebookPage(second.page);
    await writeFile(
      join(server.notebooks, 'two.ipynb'),
      notebookOf(['%%sh\necho one; sleep 1; echo two', HEADER, PROGRAM])
    );
    await first.open('two.ipynb');
    await second.open('two.ipynb');
    await here.ready();
    await there.ready();
  });

  afterAll(() => closeLabInBrowser(opened));

  it('come in both while a cell runs in one', async () => {
    const running = here.run(0);
    await expect.poll(() => textOf(there, 0), WAIT).toBe('one\n');
    await running;
    await expect.poll(() => textOf(there, 0), WAIT).toBe('one\ntwo\n');
    await expect.poll(() => there.areAllDone([0]), WAIT).toBe(true);
  });

  it('are saved by the page that did not run them, and neither asks about the other', async () => {
    await there.save();
    expect(await readFile(join(opened.server.notebooks, 'two.ipynb'), 'utf8')).toContain('"two\\n"');
    await here.save();
    expect(await first.page.locator('.jp-Dialog').count()).toBe(0);
  });

  it('are cleared in both', async () => {
    await here.goTo(0);
    await first.page.evaluate(() => window.jupyterapp.commands.execute('notebook:clear-cell-output'));
    await expect.poll(() => textOf(there, 0), WAIT).toBe('');
    await there.save();
    expect(await readFile(join(opened.server.notebooks, 'two.ipynb'), 'utf8')).not.toContain('"two\\n"');
  });

  it('are marked when they are out of date: the cell was edited, or a header that it includes', async () => {
    await here.run(1);
    await here.run(2);
    await here.setSource(1, HEADER.replace('pid', 'tgid'));
    await expect.poll(() => here.staleness(1), WAIT).toBe('Edited since it ran');
    expect(await here.staleness(2)).toBeNull();
    await here.run(1);
    await expect.poll(() => here.staleness(2), WAIT).toBe('"event.h" was changed since this cell ran');
    expect(await here.staleness(1)).toBeNull();
    // The other page knows it too: what ran is the server's to say.
    await expect.poll(() => there.staleness(2), WAIT).toBe('"event.h" was changed since this cell ran');
    await first.screenshot('stale');
    await here.run(2);
    await expect.poll(() => here.staleness(2), WAIT).toBeNull();
    expect(opened.browser.errors).toEqual([]);
  });
});

requires('vm', 'chromium')('a page whose network is gone for a moment', () => {
  let server: LabServer;
  let browser: LabBrowser;
  let line: TcpLine;
  let lab: LabPage;
  let notebook: NotebookPage;
  /** Requests that the page has sent to have a view opened. */
  let asked = 0;

  beforeAll(async () => {
    server = await LabServer.start();
    browser = await LabBrowser.start();
    line = await TcpLine.open(Number(new URL(server.origin).port));
    lab = new LabPage(await browser.newPage(), { origin: `http://127.0.0.1:${line.port}`, token: server.token });
    notebook = new NotebookPage(lab.page);
    lab.page.on('websocket', socket =>
      socket.on('framesent', ({ payload }) => void (asked += payload.includes(VIEW_COMM) ? 1 : 0))
    );
    const text = notebookOf(['%%sh\nfor i in 1 2 3; do echo line $i; sleep 1; done', EVENTS]);
    await writeFile(join(server.notebooks, 'gone.ipynb'), text);
    await lab.open('gone.ipynb');
    await notebook.ready();
  });

  afterAll(async () => {
    await line.close();
    await browser.close();
    await server.close();
  });

  it('has what a cell printed while the network was away, without a word from the user', async () => {
    const running = notebook.run(0);
    await lab.page.getByText('line 1').waitFor();
    line.cut();
    await running;
    await expect.poll(() => notebook.outputs(0), WAIT).toMatchObject([{ text: 'line 1\nline 2\nline 3\n' }]);
  });

  it('has a live view, also when what it asked came nowhere', async () => {
    await notebook.run(1);
    const events = notebook.view(1, 'events');
    await lab.page.locator('.jp-BpflabView-title', { hasText: 'events' }).waitFor({ state: 'attached' });
    line.silence();
    // Now it is seen for the first time, and asks.
    await events.node.scrollIntoViewIfNeeded();
    await expect.poll(() => asked, WAIT).toBe(1);
    expect(await events.badge()).toBe('Snapshot');
    line.cut();
    await expect.poll(() => events.badge(), WAIT).toBe('Live');
  });
});
