/** A gateway that is killed under an open page, and another one that takes its place. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EVENTS } from '../e2e/events-program.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from '../e2e/lab-in-browser.js';
import { notebookOf } from '../e2e/notebook-of.js';
import { requires } from '../requires.js';

const WAIT = { timeout: 60_000, interval: 100 };
const CELLS = { before: 0, events: 1, running: 2, next: 3 };

requires('vm', 'chromium')('a page whose gateway was killed', () => {
  let opened: LabInBrowser;
  const textOf = async (index: number): Promise<string> =>
    (await opened.notebook.outputs(index)).map(({ text }) => text ?? '').join('');

  beforeAll(async () => {
    opened = await openLabInBrowser();
    const { lab, notebook, server } = opened;
    const text = notebookOf(['%%sh\necho before', EVENTS, '%%sh\necho started; sleep 1000', '%%sh\necho again']);
    await writeFile(join(server.notebooks, 'killed.ipynb'), text);
    await lab.open('killed.ipynb');
    await notebook.ready();
    await notebook.run(CELLS.before);
    await notebook.run(CELLS.events);
    await notebook.goTo(CELLS.running);
    await lab.page.evaluate(() => void window.jupyterapp.commands.execute('notebook:run-cell'));
  });
  afterAll(() => closeLabInBrowser(opened));

  it('says that it is not connected, and shows what it has', async () => {
    const { lab, notebook, server } = opened;
    await expect.poll(() => textOf(CELLS.running), WAIT).toBe('started\n');
    await notebook.view(CELLS.events, 'events').node.scrollIntoViewIfNeeded();
    await expect.poll(() => notebook.view(CELLS.events, 'events').badge(), WAIT).toBe('Live');
    // Until the journal has what the last cell printed, a killed gateway loses it.
    await expect.poll(() => server.journal(), WAIT).toContain('started');
    await server.kill();
    await expect.poll(() => notebook.view(CELLS.events, 'events').badge(), WAIT).toBe('Not connected');
    expect(await notebook.card(CELLS.events).innerText()).toContain('Not connected');
    expect(await lab.page.locator('.jp-BpflabTarget').innerText()).toContain('not connected');
    await lab.page.getByText('The server does not answer.').waitFor({ timeout: WAIT.timeout });
    expect(await lab.page.locator('.jp-Dialog').count()).toBe(0);
    await lab.screenshot('gateway-away');
  });

  it('says that the runs of before have ended, with their outputs, when a gateway is there again', async () => {
    const { lab, notebook, server } = opened;
    await server.startAgain();
    await expect.poll(() => textOf(CELLS.running), WAIT).toContain('The cell had not completed.');
    await expect.poll(() => notebook.card(CELLS.events).innerText(), WAIT).toContain('Stopped');
    expect(await notebook.card(CELLS.events).innerText()).toContain('The server was restarted.');
    await expect.poll(() => notebook.areAllDone([CELLS.before, CELLS.events]), WAIT).toBe(true);
    expect(await lab.page.locator('.jp-InputPrompt', { hasText: '*' }).count()).toBe(0);
    expect(await textOf(CELLS.before)).toBe('before\n');
    expect(await notebook.view(CELLS.events, 'events').badge()).toBe('Snapshot');
    await expect.poll(() => lab.page.getByText('The server does not answer.').count(), WAIT).toBe(0);
    await lab.screenshot('gateway-again');
  });

  it('runs the next cell, and the program again', async () => {
    const { lab, notebook } = opened;
    await notebook.run(CELLS.next);
    await expect.poll(() => textOf(CELLS.next), WAIT).toBe('again\n');
    await notebook.run(CELLS.events);
    await notebook.view(CELLS.events, 'events').node.scrollIntoViewIfNeeded();
    await expect.poll(() => notebook.view(CELLS.events, 'events').badge(), WAIT).toBe('Live');
    await lab.screenshot('gateway-used-again');
  });
});
