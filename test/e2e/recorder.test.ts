import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../requires.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from './lab-in-browser.js';
import { LabPage } from './lab-page.js';
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
  let opened: LabInBrowser;

  beforeAll(async () => {
    opened = await openLabInBrowser();
    const text = notebookOf(['%%sh\nfor i in 1 2 3; do echo line $i; sleep 1; done']);
    await writeFile(join(opened.server.notebooks, 'gone.ipynb'), text);
    await opened.lab.open('gone.ipynb');
    await opened.notebook.ready();
  });

  afterAll(() => closeLabInBrowser(opened));

  it('has what a cell printed while the network was away, without a word from the user', async () => {
    const { lab, notebook } = opened;
    const running = notebook.run(0);
    await lab.page.getByText('line 1').waitFor();
    await lab.page.context().setOffline(true);
    await lab.page.evaluate(() => {
      const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session!;
      (kernel as unknown as { _ws: WebSocket })._ws.close();
    });
    await lab.page.context().setOffline(false);
    await running;
    await expect.poll(() => notebook.outputs(0), WAIT).toMatchObject([{ text: 'line 1\nline 2\nline 3\n' }]);
  });
});
