import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importLessons } from '../../kernel-gateway/src/adapters/lessons/import-lessons.js';
import { requires } from '../requires.js';
import { accessibilityFaults } from './accessibility.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from './lab-in-browser.js';
import { appendCells, makeLesson } from './make-lesson.js';

const WAIT = { timeout: 60_000, interval: 100 };

requires('vm', 'chromium')('the badge of an imported lesson', () => {
  let opened: LabInBrowser;
  let repository: string;

  beforeAll(async () => {
    opened = await openLabInBrowser();
    repository = await mkdtemp(join(tmpdir(), 'bpflab-badge-'));
    await makeLesson(repository, 'here', 'tp/sched/sched_switch');
    await makeLesson(repository, 'never', 'tp/sched/sched_never_was');
    const into = join(opened.server.notebooks, 'lessons/own');
    const request = { source: repository, into, language: 'en', only: '', version: '1', today: '2026-01-01' } as const;
    await importLessons(request, () => undefined);
  });

  afterAll(async () => {
    await closeLabInBrowser(opened);
    await rm(repository, { recursive: true, force: true });
  });

  const openLesson = async (name: string): Promise<ReturnType<LabInBrowser['lab']['page']['locator']>> => {
    await opened.lab.open(`lessons/own/${name}/${name}.ipynb`);
    return opened.lab.page.locator('.jp-BpflabLesson-button');
  };

  it('says that the target runs it, before anything was run', { timeout: 120_000 }, async () => {
    const badge = await openLesson('here');
    await expect.poll(() => badge.innerText(), WAIT).toBe('Runs here');
    expect(await badge.getAttribute('title')).toBe('here: runs');
    expect(await accessibilityFaults(opened.lab.page, '.jp-BpflabLesson')).toEqual([]);
    await opened.lab.screenshot('lesson-badge');
  });

  it('says why nothing runs it', { timeout: 120_000 }, async () => {
    const badge = await openLesson('never');
    await expect.poll(() => badge.innerText(), WAIT).toBe('Cannot run');
    await badge.click();
    const dialog = opened.lab.page.locator('.jp-Dialog');
    expect(await dialog.innerText()).toContain('it has no tracepoint "sched_never_was"');
    expect(await accessibilityFaults(opened.lab.page, '.jp-Dialog table')).toEqual([]);
    await opened.lab.screenshot('lesson-badge-dialog');
    await opened.lab.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('says it in the language of the page, down to the clause', { timeout: 120_000 }, async () => {
    const { lab } = opened;
    await lab.setSettings('@jupyterlab/translation-extension:plugin', { locale: 'zh_CN' });
    const badge = await openLesson('never');
    await expect.poll(() => badge.innerText(), WAIT).toBe('无法运行');
    expect(await badge.getAttribute('title')).toMatch(/^never: 无法运行：Linux .*没有“sched_never_was”/);
    await badge.click();
    const dialog = lab.page.locator('.jp-Dialog');
    expect(await dialog.innerText()).toMatch(/跟踪点中没有“sched_never_was”/);
    await lab.screenshot('lesson-badge-dialog-zh');
    await lab.page.keyboard.press('Escape');
    await lab.setSettings('@jupyterlab/translation-extension:plugin', {});
  });

  it('goes while a recording is played, and comes back', { timeout: 120_000 }, async () => {
    const { notebook, server } = opened;
    const file = join(server.notebooks, 'lessons/own/here/here.ipynb');
    const cells = ['%record shown', '%record --stop', '%target replay:shown.bpfrec', '%target vm'];
    const [record, stop, replay, vm] = cells.map((_, index) => index) as [number, number, number, number];
    const first = await appendCells(file, cells);
    const badge = await openLesson('here');
    await expect.poll(() => badge.innerText(), WAIT).toBe('Runs here');
    for (const index of [record, stop]) await notebook.run(first + index);
    await notebook.run(first + replay);
    await expect.poll(() => badge.isVisible(), WAIT).toBe(false);
    await notebook.run(first + vm);
    await expect.poll(() => badge.isVisible(), WAIT).toBe(true);
    expect(await badge.innerText()).toBe('Runs here');
  });

  it('is not there for a notebook that is no lesson', { timeout: 120_000 }, async () => {
    const { lab } = opened;
    await lab.open();
    await lab.openLesson('Hello, kernel');
    await lab.page.locator('.jp-BpflabTarget-button').waitFor();
    expect(await lab.page.locator('.jp-BpflabLesson-button').isVisible()).toBe(false);
  });
});
