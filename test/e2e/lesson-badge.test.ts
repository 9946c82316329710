import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importLessons } from '../../kernel-gateway/src/adapters/lessons/import-lessons.js';
import { requires } from '../requires.js';
import { accessibilityFaults } from './accessibility.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from './lab-in-browser.js';

const WAIT = { timeout: 60_000, interval: 100 };

/** A repository with two lessons: a program for a tracepoint that every kernel has, and one for a tracepoint that none has. */
async function makeRepository(folder: string): Promise<void> {
  for (const [name, tracepoint] of [
    ['here', 'sched_switch'],
    ['never', 'sched_never_was']
  ]) {
    const program = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
SEC("tp/sched/${tracepoint}")
int ${name}(void *ctx) { return 0; }
`;
    await mkdir(join(folder, `${name}`), { recursive: true });
    await writeFile(join(folder, `${name}/${name}.bpf.c`), program);
    await writeFile(join(folder, `${name}/README.md`), `# ${name}\n\n\`\`\`c\n${program}\`\`\`\n`);
  }
}

requires('vm', 'chromium')('the badge of an imported lesson', () => {
  let opened: LabInBrowser;
  let repository: string;

  beforeAll(async () => {
    opened = await openLabInBrowser();
    repository = await mkdtemp(join(tmpdir(), 'bpflab-badge-'));
    await makeRepository(repository);
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

  it('is not there for a notebook that is no lesson', { timeout: 120_000 }, async () => {
    const { lab } = opened;
    await lab.open();
    await lab.openLesson('Hello, kernel');
    await lab.page.locator('.jp-BpflabTarget-button').waitFor();
    expect(await lab.page.locator('.jp-BpflabLesson-button').isVisible()).toBe(false);
  });
});
