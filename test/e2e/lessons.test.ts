import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../requires.js';
import type { LabBrowser } from './lab-browser.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from './lab-in-browser.js';
import type { LabPage } from './lab-page.js';
import type { NotebookPage } from './notebook-page.js';

const WAIT = { timeout: 30_000, interval: 100 };

requires('vm', 'chromium')('lessons in a browser', () => {
  let browser: LabBrowser;
  let lab: LabPage;
  let notebook: NotebookPage;
  let opened: LabInBrowser;

  beforeAll(async () => {
    opened = await openLabInBrowser();
    ({ browser, lab, notebook } = opened);
  });

  afterAll(() => closeLabInBrowser(opened));

  it('are what a newcomer sees first, before anything else', async () => {
    await lab.open();
    await expect.poll(() => lab.lessons(), WAIT).toContain('Hello, kernel');
    await lab.screenshot('launcher');
  });

  it('"Hello, kernel": a program lives on after its cell and sees what later cells do', async () => {
    await lab.open();
    await lab.openLesson('Hello, kernel');
    await notebook.ready();
    const [program, traffic, wait, list, stop] = (await notebook.codeCells()) as [
      number,
      number,
      number,
      number,
      number
    ];

    await notebook.run(program);
    const card = notebook.card(program);
    await expect.poll(() => card.innerText(), WAIT).toContain('Attached');
    const lines = notebook.view(program, 'printk');
    await expect.poll(() => lines.badge(), WAIT).toBe('Live');

    await notebook.run(traffic);
    await notebook.goTo(program);
    await expect.poll(async () => (await lines.rows()).length, WAIT).toBeGreaterThanOrEqual(3);
    // A row is there before its window has come.
    await expect.poll(async () => (await lines.rows()).at(-1)?.at(-1), WAIT).toMatch(/^hello from pid \d+$/);
    await expect.poll(() => card.locator('td').allInnerTexts(), WAIT).toContain('hello');
    await lab.screenshot('hello');

    expect((await notebook.run(wait))[0]?.text).toContain('hello from pid');
    expect((await notebook.run(list))[0]?.text).toContain('hello');
    await notebook.run(stop);
    await notebook.goTo(program);
    await expect.poll(() => card.innerText(), WAIT).toContain('Stopped');
    await expect.poll(() => lines.badge(), WAIT).toBe('Ended');
    expect(browser.errors).toEqual([]);
  });

  it('"Latency": a histogram is drawn as bcc draws it, and as the plain array at a click', async () => {
    await lab.open();
    await lab.openLesson('Latency as a histogram');
    await notebook.ready();
    const [program, traffic] = (await notebook.codeCells()) as [number, number];
    await notebook.run(program);
    await notebook.run(traffic);
    await notebook.goTo(program);

    const histogram = notebook.view(program, 'latency_ns_hist');
    await histogram.node.scrollIntoViewIfNeeded();
    await expect.poll(() => histogram.badge(), WAIT).toBe('Live');
    const rows = histogram.node.locator('.jp-BpflabHistogram-table tbody tr');
    await expect.poll(() => rows.count(), WAIT).toBeGreaterThan(3);
    expect(await rows.first().locator('th').innerText()).toMatch(/^\d+ → \d+$/);
    const widest = histogram.node.locator('.jp-BpflabHistogram-bar[style="width: 100%;"]');
    expect(await widest.count()).toBe(1);
    await lab.screenshot('histogram');

    await histogram.button('Table').click();
    await expect.poll(async () => (await histogram.rows()).length, WAIT).toBeGreaterThan(10);
    await histogram.button('Table').click();
    await rows.first().waitFor();
    expect(browser.errors).toEqual([]);
  });
});
