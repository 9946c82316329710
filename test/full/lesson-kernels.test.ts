/** A lesson that the default kernel cannot run and another one can: what is said of it, and the way there. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importLessons } from '../../kernel-gateway/src/adapters/lessons/import-lessons.js';
import { createLab } from '../../kernel-gateway/src/lab.js';
import { accessibilityFaults } from '../e2e/accessibility.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from '../e2e/lab-in-browser.js';
import { makeLesson, programIn } from '../e2e/make-lesson.js';
import { LabFixture } from '../integration/lab-fixture.js';
import { requires } from '../requires.js';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../kernel-gateway/lib/cli/bpflab.js', import.meta.url));
const WAIT = { timeout: 120_000, interval: 100 };
/** A link at both ends of a function came with Linux 7.0 (BPF_TRACE_FSESSION in linux/bpf.h). */
const SECTION = 'fsession/vfs_read';

requires('vm', 'chromium')('a lesson for a newer kernel', () => {
  let opened: LabInBrowser;
  let repository: string;
  let newest: string;

  beforeAll(async () => {
    // Only fetches what is not there.
    newest = (await run(process.execPath, [program, 'kernel', 'install', 'newest'])).stdout.trim();
    opened = await openLabInBrowser();
    repository = await mkdtemp(join(tmpdir(), 'bpflab-newer-'));
    await makeLesson(repository, 'newer', SECTION);
    const into = join(opened.server.notebooks, 'lessons/own');
    const request = { source: repository, into, language: 'en', only: '', version: '1', today: '2026-01-01' } as const;
    await importLessons(request, () => undefined);
  }, 900_000);

  afterAll(async () => {
    await closeLabInBrowser(opened);
    await rm(repository, { recursive: true, force: true });
  });

  it('names the kernel in its badge, and one click takes it', { timeout: 300_000 }, async () => {
    const { lab, notebook } = opened;
    await lab.open('lessons/own/newer/newer.ipynb');
    const badge = lab.page.locator('.jp-BpflabLesson-button');
    await expect.poll(() => badge.innerText(), WAIT).toMatch(/^Runs on Linux \d+\.\d+$/);
    await badge.click();
    const dialog = lab.page.locator('.jp-Dialog');
    expect(await dialog.innerText()).toContain('it has no attach type BPF_TRACE_FSESSION');
    expect(await accessibilityFaults(lab.page, '.jp-Dialog')).toEqual([]);
    await lab.screenshot('lesson-badge-other-kernel');
    await dialog.getByRole('button', { name: /^Use Linux/ }).click();
    const chip = lab.page.locator('.jp-BpflabTarget-button');
    await expect.poll(() => chip.getAttribute('title'), WAIT).toContain(newest);
    await expect.poll(() => badge.innerText(), WAIT).toBe('Runs here');
    const [cell] = await notebook.codeCells();
    await notebook.run(cell!);
    await expect.poll(() => notebook.card(cell!).innerText(), WAIT).toContain('Attached');
  });

  it('is compared on all kernels: the one attaches it, each other says why not', { timeout: 300_000 }, async () => {
    const lab = createLab();
    const cells = new LabFixture(lab, 'vm');
    try {
      const { outputs } = await cells.run(`%%bpf newer --kernel all --for 1s\n${programIn(SECTION, 'newer')}`);
      const last = outputs.findLast(output => output.kind === 'display');
      const text = last?.kind === 'display' ? String(last.data['text/plain']) : '';
      const rows = new Map(text.split('\n').map(line => line.split(/ {2,}/).slice(0, 2) as [string, string]));
      expect(rows.get(newest)).toBe('attached');
      const older = [...rows].filter(([kernel]) => kernel.startsWith('6.'));
      expect(older.length).toBeGreaterThan(0);
      for (const [, verdict] of older) expect(verdict).toBe('BPFLAB_PREFLIGHT_UNSUPPORTED');
    } finally {
      await cells.close();
      await lab.close();
    }
  });
});
