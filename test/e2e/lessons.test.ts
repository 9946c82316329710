import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../requires.js';
import { accessibilityFaults } from './accessibility.js';
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
    const categories = lab.page.locator('.jp-Launcher-sectionTitle');
    await expect
      .poll(() => categories.allInnerTexts(), WAIT)
      .toEqual(expect.arrayContaining(['Start here', 'On a cluster']));
    expect((await categories.allInnerTexts()).slice(0, 3)).toEqual([
      'Start here',
      'eBPF on Kubernetes',
      'On a cluster'
    ]);
    // Nothing to complain of: a list that failed would be said here.
    expect(await lab.page.locator('.jp-Notification-Status').innerText()).not.toMatch(/[1-9]/);
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

    await lab.page.evaluate(() => window.jupyterapp.commands.execute('bpflab:open-lab-panel'));
    const panel = lab.page.locator('.jp-BpflabLab');
    await panel.getByText('Next:').waitFor();
    for (const selector of ['.jp-BpflabOutput', '.jp-BpflabLab']) {
      expect(await accessibilityFaults(lab.page, selector)).toEqual([]);
    }
    expect(browser.errors).toEqual([]);
  });

  it('are presented as slides over the whole window, whose cells run, with notes and a clock for the speaker', async () => {
    await lab.open();
    await lab.openLesson('Hello, kernel');
    await notebook.ready();
    const { page } = lab;
    await page.evaluate(() => window.jupyterapp.commands.execute('bpflab:present'));
    const screen = page.locator('.jp-BpflabPresentation');
    const place = screen.locator('.jp-BpflabPresentation-place');
    await expect.poll(() => place.innerText(), WAIT).toMatch(/^1 \/ [2-9]/);
    expect(await page.locator('.jp-NotebookPanel .jp-Notebook').count()).toBe(0);
    await lab.screenshot('present');
    expect(await accessibilityFaults(page, '.jp-BpflabPresentation-bar')).toEqual([]);

    const opening = page.waitForEvent('popup');
    await screen.getByRole('button', { name: 'Notes and Clock' }).click();
    const speaker = await opening;
    await expect
      .poll(() => speaker.locator('body').innerText(), WAIT)
      .toMatch(/1 \/ \d[^]*No notes for this slide[^]*Next: \S/);
    await speaker.getByRole('button', { name: '›' }).click();
    await expect.poll(() => place.innerText(), WAIT).toMatch(/^2 /);
    await speaker.close();

    await page.bringToFront();
    await screen.locator('.jp-Notebook').focus();
    await page.keyboard.press('PageUp');
    await expect.poll(() => place.innerText(), WAIT).toMatch(/^1 /);
    const [program] = (await notebook.codeCells()) as [number];
    const shown = notebook.cell(program).locator('.cm-content');
    for (let slide = 1; !(await shown.isVisible()); slide++) {
      await page.keyboard.press('PageDown');
      await expect.poll(() => place.innerText(), WAIT).toMatch(new RegExp(`^${slide + 1} /`));
    }
    await notebook.run(program);
    await expect.poll(() => notebook.card(program).innerText(), WAIT).toContain('Attached');
    await page.keyboard.press('Escape');
    await screen.waitFor({ state: 'detached' });
    expect(await page.locator('.jp-NotebookPanel .jp-Notebook').count()).toBe(1);
    expect(await page.locator('.jp-mod-bpflabOffSlide').count()).toBe(0);
  });
});
