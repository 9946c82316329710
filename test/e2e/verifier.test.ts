/** A refusal as a learner meets it: marked in the editor, explained, stepped through by keys; and an accepted program's log. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../requires.js';
import { seriousFaults } from './accessibility.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from './lab-in-browser.js';
import type { LabPage } from './lab-page.js';
import { notebookOf } from './notebook-of.js';
import type { NotebookPage } from './notebook-page.js';

const WAIT = { timeout: 30_000, interval: 100 };
const gallery = join(import.meta.dirname, '../../labs/rejections');
const cellOf = (name: string, side: string): string =>
  `%%bpf ${name.replaceAll('-', '_')}\n${readFileSync(`${gallery}/${name}/${side}.bpf.c`, 'utf8')}`;
const REFUSED = 0;
const ACCEPTED = 1;

requires('vm', 'chromium')('the verifier in a browser', () => {
  let opened: LabInBrowser;
  let lab: LabPage;
  let notebook: NotebookPage;

  beforeAll(async () => {
    opened = await openLabInBrowser();
    ({ lab, notebook } = opened);
    const text = notebookOf([cellOf('map-value-bounds', 'wrong'), cellOf('ring-leak', 'right')]);
    await writeFile(join(opened.server.notebooks, 'verifier.ipynb'), text);
    await lab.open('verifier.ipynb');
    await notebook.ready();
  });

  afterAll(() => closeLabInBrowser(opened));

  const status = (index: number) => notebook.cell(index).locator('.jp-BpflabSteps-status');

  it('explains at the failing line, and steps along the path by keys', async () => {
    await notebook.run(REFUSED);
    const why = notebook.cell(REFUSED).locator('.jp-BpflabWhy');
    await expect.poll(() => why.locator('h3').innerText(), WAIT).toBe('Outside of the map value');
    expect(await why.locator('.jp-mod-cause').innerText()).toMatch(/^slot \+ ….*offset 0 to 56$/s);
    expect(await why.locator('.jp-BpflabWhy-path').innerText()).toContain('slot is not NULL');
    await notebook.cell(REFUSED).getByRole('button', { name: 'Step Through' }).click();
    await expect.poll(() => status(REFUSED).innerText(), WAIT).toBe('Step 13 of 13 · instruction 13 · line 24');
    await lab.page.keyboard.press('B');
    await expect.poll(() => status(REFUSED).innerText(), WAIT).toBe('Step 8 of 13 · instruction 8 · line 22');
    const steps = notebook.cell(REFUSED).locator('.jp-BpflabSteps');
    expect(await steps.locator('.jp-BpflabSteps-note').innerText()).toBe('The jump is not taken on this path.');
    const changed = steps.locator('.jp-BpflabSteps-state .jp-mod-changed', { hasText: 'slot' });
    expect(await changed.allInnerTexts()).toContainEqual(
      expect.stringMatching(/slot\s+R6\s+a pointer to a value of map "slots" \(32 bytes\)/)
    );
    await lab.page.keyboard.press('ArrowRight');
    await expect.poll(() => status(REFUSED).innerText(), WAIT).toContain('line 24');
    await steps.scrollIntoViewIfNeeded();
    await lab.screenshot('verifier-steps');
  });

  it('has no accessibility fault', async () => {
    expect(await seriousFaults(lab.page, '.jp-BpflabDiagnosis')).toEqual([]);
  });

  it('shows what the verifier saw of a program that runs', async () => {
    await notebook.run(ACCEPTED);
    const card = notebook.card(ACCEPTED);
    await card.getByRole('button', { name: 'Show what the verifier saw' }).click();
    await expect.poll(() => status(ACCEPTED).innerText(), WAIT).toMatch(/^Step 1 of \d+ · instruction 0/);
    await lab.page.keyboard.press('End');
    await card.getByRole('button', { name: 'Path only' }).click();
    await expect.poll(() => status(ACCEPTED).innerText(), WAIT).toMatch(/^Step (\d+) of \1 /);
    expect(await card.locator('.jp-BpflabBadge').innerText()).toContain('Attached');
  });

  it('explains in Chinese', async () => {
    await notebook.save();
    await lab.setSettings('@jupyterlab/translation-extension:plugin', { locale: 'zh_CN' });
    await lab.reload();
    await notebook.ready();
    await notebook.goTo(REFUSED);
    const why = notebook.cell(REFUSED).locator('.jp-BpflabWhy');
    await expect.poll(() => why.locator('h3').innerText(), WAIT).toBe('访问超出了映射值的范围');
    expect(await why.innerText()).toContain('slot 不为 NULL');
  });
});
