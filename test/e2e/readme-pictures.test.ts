/** Pictures of the README in both languages. They assert what they show; nothing runs when no pictures are wanted. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeProgress, type LabProgress } from '../../kernel-gateway/src/core/team/progress.js';
import { requires } from '../requires.js';
import { closeLabInBrowser, openLabInBrowser, type LabInBrowser } from './lab-in-browser.js';

const WAIT = { timeout: 30_000, interval: 100 };
const wanted = process.env['BPFLAB_SCREENSHOTS'] === 'docs';
const suite = wanted ? requires('vm', 'chromium') : describe.skip;

const LANGUAGES = [
  { locale: 'en', suffix: '', words: { check: 'Check', attached: 'Attached', passed: 'passed' } },
  { locale: 'zh_CN', suffix: '.zh', words: { check: '检查', attached: '已挂载', passed: '已通过' } }
];
const LABS = ['start/01-hello', 'start/02-exec-events', 'start/03-syscall-latency', 'start/04-kprobe-fentry'];
/** How many steps have passed, and attempts, for each lab of the table that was begun. */
const TEAM: Record<string, [number, number][]> = {
  'member-1': [
    [2, 3],
    [2, 5],
    [2, 4],
    [0, 2]
  ],
  'member-2': [
    [2, 2],
    [2, 9],
    [1, 14]
  ],
  'member-3': [
    [2, 6],
    [1, 2]
  ]
};

async function entry(lab: string, [passed, attempts]: [number, number]): Promise<LabProgress> {
  const { steps } = JSON.parse(await readFile(join('labs', lab, 'lab.json'), 'utf8')) as {
    steps: Record<string, { checks: unknown[] }>;
  };
  const ids = Object.keys(steps);
  const reached = ids.slice(0, passed);
  const checksOf = (some: string[]): number => some.reduce((sum, id) => sum + steps[id]!.checks.length, 0);
  return {
    lab,
    state: reached.length === ids.length ? 'done' : 'open',
    passed: reached.sort(),
    steps: ids.length,
    checksPassed: checksOf(reached),
    checks: checksOf(ids),
    minutes: 4 * passed + attempts,
    attempts,
    changed: new Date().toISOString().slice(0, 10),
    resets: 0
  };
}

suite('pictures of the README', () => {
  let opened: LabInBrowser;

  beforeAll(async () => {
    opened = await openLabInBrowser();
    for (const [person, labs] of Object.entries(TEAM)) {
      const folder = join(opened.server.notebooks, 'team/people', person);
      await mkdir(folder, { recursive: true });
      const begun = await Promise.all(labs.map((one, index) => entry(LABS[index]!, one)));
      await writeFile(join(folder, 'progress.md'), writeProgress({ person, labs: begun, rest: [] }));
    }
    await opened.lab.page.setViewportSize({ width: 1240, height: 700 });
  });
  afterAll(() => closeLabInBrowser(opened));

  describe.each(LANGUAGES)('in $locale', ({ locale, suffix, words }) => {
    const command = (id: string, args = {}): Promise<unknown> =>
      opened.lab.page.evaluate(([name, given]) => window.jupyterapp.commands.execute(name, given), [id, args] as const);
    const openLab = async (id: string): Promise<void> => {
      await opened.lab.open();
      await command('bpflab:open-lab', { id });
      await opened.notebook.ready();
      await command('application:toggle-left-area');
    };

    beforeAll(async () => {
      await opened.lab.open();
      await opened.lab.setSettings('@jupyterlab/translation-extension:plugin', { locale });
    });

    it('the steps of a lesson beside it', async () => {
      const { lab, notebook } = opened;
      await openLab('start/01-hello');
      const [program, traffic] = (await notebook.codeCells()) as [number, number];
      await notebook.run(program);
      await notebook.run(traffic);
      await command('bpflab:open-lab-panel');
      const panel = lab.page.locator('.jp-BpflabLab');
      await panel.getByRole('button', { name: words.check, exact: true }).first().click();
      await expect.poll(() => panel.locator('.jp-BpflabLab-word').first().innerText(), WAIT).toBe(words.passed);
      await notebook.goTo(program);
      await expect.poll(() => notebook.card(program).innerText(), WAIT).toContain(words.attached);
      // What the kernel has counted comes once a second.
      const runs = notebook.card(program).locator('tbody td').nth(2);
      await expect.poll(() => runs.innerText(), WAIT).toMatch(/^[1-9]/);
      await lab.screenshot(`lab-panel${suffix}`);
    });

    it('a histogram that is alive', async () => {
      const { lab, notebook } = opened;
      await openLab('start/03-syscall-latency');
      const [program, traffic] = (await notebook.codeCells()) as [number, number];
      await notebook.run(program);
      await notebook.run(traffic);
      await notebook.goTo(program);
      const { node } = notebook.view(program, 'latency_ns_hist');
      await node.scrollIntoViewIfNeeded();
      const rows = node.locator('.jp-BpflabHistogram-table tbody tr');
      await expect.poll(() => rows.count(), WAIT).toBeGreaterThan(10);
      await lab.screenshot(`live-histogram${suffix}`, node);
    });

    it('a lesson that is presented', async () => {
      const { lab, notebook } = opened;
      await openLab('start/01-hello');
      const [program] = (await notebook.codeCells()) as [number];
      await command('bpflab:present');
      const screen = lab.page.locator('.jp-BpflabPresentation');
      const place = screen.locator('.jp-BpflabPresentation-place');
      await expect.poll(() => place.innerText(), WAIT).toMatch(/^1 \/ [2-9]/);
      await screen.locator('.jp-Notebook').focus();
      const shown = notebook.cell(program).locator('.cm-content');
      for (let slide = 1; !(await shown.isVisible()); slide++) {
        await lab.page.keyboard.press('PageDown');
        await expect.poll(() => place.innerText(), WAIT).toMatch(new RegExp(`^${slide + 1} /`));
      }
      await notebook.run(program);
      await expect.poll(() => notebook.card(program).innerText(), WAIT).toContain(words.attached);
      await lab.screenshot(`presentation${suffix}`);
    });

    it('the table of the team', async () => {
      const { lab } = opened;
      await lab.open();
      await command('bpflab:open-team');
      const panel = lab.page.locator('.jp-BpflabTeam');
      const join = panel.locator('.jp-BpflabTeam-join');
      await panel.locator('.jp-BpflabTeam-actions').first().waitFor();
      if (await join.isVisible()) {
        // Whoever takes the pictures is not in them.
        await join.locator('input').fill('member-1');
        await join.locator('button').click();
        await join.waitFor({ state: 'detached' });
      }
      const { x, y } = (await panel.boundingBox())!;
      await lab.page.mouse.move(x - 2, y + 300);
      await lab.page.mouse.down();
      await lab.page.mouse.move(x - 350, y + 300, { steps: 5 });
      await lab.page.mouse.up();
      await expect.poll(async () => (await panel.boundingBox())!.width, WAIT).toBeGreaterThan(500);
      const table = panel.locator('.jp-BpflabTeam-table');
      await expect.poll(() => table.locator('tbody tr').count(), WAIT).toBe(LABS.length);
      await lab.screenshot(`team-table${suffix}`, panel);
    });
  });
});
