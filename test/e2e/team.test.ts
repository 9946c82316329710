/** A note from a cell, a notebook that others follow: what a team does with one. */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { execs } from '../integration/programs.js';
import { requires } from '../requires.js';
import { accessibilityFaults, seriousFaults } from './accessibility.js';
import { LabBrowser } from './lab-browser.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from './lab-in-browser.js';
import { notebookOf } from './notebook-of.js';

const WAIT = { timeout: 30_000, interval: 100 };
const TRAFFIC = '%%sh\nfor i in 1 2 3 4 5; do /bin/true; done';

requires('vm', 'chromium')('a team in a browser', () => {
  let opened: LabInBrowser;
  let page: Page;
  let notebooks: string;

  beforeAll(async () => {
    opened = await openLabInBrowser();
    ({ page } = opened.lab);
    ({ notebooks } = opened.server);
    await writeFile(join(notebooks, 'talk.ipynb'), notebookOf(['%target', execs, TRAFFIC]));
  });
  afterAll(() => closeLabInBrowser(opened));

  const command = (id: string): Promise<unknown> => page.evaluate(name => window.jupyterapp.commands.execute(name), id);
  const read = (path: string): Promise<string> => readFile(join(notebooks, 'team', path), 'utf8');

  it('writes a note into the log, the index and the report of the week, by keys alone', async () => {
    await opened.lab.open('talk.ipynb');
    await opened.notebook.ready();
    await command('bpflab:open-team');
    const panel = page.locator('.jp-BpflabTeam');
    await panel.getByRole('textbox', { name: 'I am' }).fill('Wei Zhang');
    await panel.getByRole('button', { name: 'Keep My Progress' }).press('Enter');
    await panel.getByRole('heading', { name: 'Wei-Zhang' }).waitFor();
    await opened.notebook.goTo(2);
    await page.locator('.jp-Notebook').press('Control+Alt+n');
    const dialog = page.locator('.jp-Dialog');
    await dialog.waitFor();
    await page.keyboard.type('Rings');
    await page.keyboard.press('Tab');
    await page.keyboard.type('They keep their order.');
    await page.keyboard.press('Tab');
    await page.keyboard.type('ringbuf maps');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await opened.lab.screenshot('team-note');
    expect(await accessibilityFaults(page, '.jp-BpflabNote')).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => existsSync(join(notebooks, 'team/index/by-tag.md')), WAIT).toBe(true);
    const [day = ''] = await readdir(join(notebooks, 'team/people/Wei-Zhang/log'));
    const log = await read(`people/Wei-Zhang/log/${day}`);
    expect(log).toMatch(/^## \d\d:\d\d Rings #ringbuf #maps$/m);
    expect(log).toContain('They keep their order.');
    expect(log).toContain('for i in 1 2 3 4 5');
    expect(await read('index/by-tag.md')).toContain('## ringbuf');
    expect(await read('index/by-date.md')).toContain('Rings');
    expect(await accessibilityFaults(page, '.jp-BpflabTeam')).toEqual([]);
    await opened.lab.screenshot('team-panel');
    await panel.getByRole('button', { name: 'Report of the Week', exact: true }).press('Enter');
    await expect.poll(() => existsSync(join(notebooks, 'team/reports')), WAIT).toBe(true);
    const [week = ''] = await readdir(join(notebooks, 'team/reports'));
    expect(await read(`reports/${week}`)).toContain('Rings');
  });

  it('follows what the owner of a notebook types, in a page that is locked', async () => {
    await opened.lab.open('talk.ipynb');
    await opened.notebook.ready();
    await page.evaluate(() => void window.jupyterapp.commands.execute('bpflab:share-live'));
    const link = await page.locator('.jp-Dialog input').inputValue();
    await page.keyboard.press('Escape');
    const stranger = await LabBrowser.start();
    const other = await stranger.newPage();
    await other.goto(`${link}&expose=1`);
    await other.getByText('You follow this notebook').waitFor();
    await page.getByText('Shown live, 1 watching').waitFor();
    expect(await seriousFaults(other, '.jp-BpflabPlayer')).toEqual([]);
    await other.screenshot({ path: 'test-results/team-follow.png' });
    await opened.notebook.setSource(2, `${TRAFFIC}\n# changed`);
    const source = (): Promise<string> =>
      other.evaluate(() => window.jupyterapp.shell.currentWidget.content.widgets[2]?.model.sharedModel.source ?? '');
    await expect.poll(source, WAIT).toBe(`${TRAFFIC}\n# changed`);
    expect((await other.locator('.jp-Notification-Status').innerText()).trim()).toBe('0');
    await other.getByRole('button', { name: 'Run It Yourself…' }).click();
    await other.getByText('paste the address that you were given').waitFor();
    await other.screenshot({ path: 'test-results/team-fork.png' });
    await stranger.close();
    await page.evaluate(
      address => void window.jupyterapp.commands.execute('bpflab:fork-shown', { link: address }),
      link
    );
    await page.getByRole('tab', { name: /^talk-Fork\.ipynb/ }).waitFor();
    const own = JSON.parse(await readFile(join(notebooks, 'talk-Fork.ipynb'), 'utf8')) as {
      cells: { source: string[] }[];
    };
    expect(own.cells[2]?.source.join('')).toBe(`${TRAFFIC}\n# changed`);
  });

  it('plays a recording without a kernel, forward and back, with the views as they were', async () => {
    const cells = ['%record show', execs, TRAFFIC, '%stop', '%record --stop'];
    await writeFile(join(notebooks, 'recorded.ipynb'), notebookOf(cells));
    await opened.lab.open('recorded.ipynb');
    await opened.notebook.ready();
    for (const index of cells.keys()) {
      await opened.notebook.run(index);
      await expect.poll(() => opened.notebook.areAllDone([index]), WAIT).toBe(true);
    }
    const panel = page.locator('.jp-NotebookPanel:visible');
    const facts = panel.locator('.jp-BpflabView-facts').first();
    // What is not on the screen is not brought up to date.
    const rows = async (): Promise<string> => {
      await facts.scrollIntoViewIfNeeded();
      return facts.innerText();
    };
    await expect.poll(rows, WAIT).not.toBe('0 events');
    await panel.getByText('Ended', { exact: true }).first().waitFor();
    const recorded = await rows();
    await page.evaluate(() => window.jupyterapp.commands.execute('filebrowser:refresh'));
    await page.evaluate(() => window.jupyterapp.commands.execute('filebrowser:activate'));
    await page.locator('.jp-DirListing-item', { hasText: 'show.bpfrec' }).dblclick();
    const place = page.getByRole('slider', { name: 'Place in the recording' });
    const isThere = (max: boolean): Promise<boolean> =>
      place.evaluate(
        (node: HTMLInputElement, atEnd) =>
          atEnd ? Number(node.max) > 0 && node.value === node.max : node.value === '0',
        max
      );
    await expect.poll(() => place.getAttribute('max'), WAIT).not.toBe('0');
    await place.press('End');
    await expect.poll(() => isThere(true), WAIT).toBe(true);
    await expect.poll(rows, WAIT).toBe(recorded);
    await place.press('Home');
    await expect.poll(() => opened.notebook.outputs(1), WAIT).toEqual([]);
    await place.press('End');
    await expect.poll(rows, WAIT).toBe(recorded);
    expect(await page.getByText('Not connected').count()).toBe(0);
    expect(await accessibilityFaults(page, '.jp-BpflabPlayer')).toEqual([]);
    await opened.lab.screenshot('player');
  });
});
