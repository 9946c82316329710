/** Pages that are killed while cells run, against one that is left alone. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { LabBrowser } from './lab-browser.js';
import { LabPage } from './lab-page.js';
import { LabServer } from './lab-server.js';
import { notebookOf } from './notebook-of.js';
import { NotebookPage } from './notebook-page.js';

const WAIT = { timeout: 60_000, interval: 50 };
/** A line now and then, a line that is overwritten, both streams, and a cell that fails at the end. */
const CELLS = [
  '%%sh\nfor i in $(seq 40); do echo tick $i; sleep 0.03; done\n',
  '%%sh\nfor i in $(seq 20); do printf "\\r%d of 20" $i; sleep 0.03; done; echo; sleep 0.2; echo late >&2; sleep 0.2; echo end\n',
  '%%sh\nfor i in $(seq 200); do echo line $i; done; sleep 0.3; false\n'
];
/** How long the cells run, about. */
const RUN_MS = 3000;

/**
 * Kills the page `count` times at a random moment of a run, each time of another notebook, opens it again, and compares
 * what is saved at the end with what an undisturbed run saves, byte for byte.
 */
export async function compareKilledPages(count: number): Promise<void> {
  const server = await LabServer.start();
  const browser = await LabBrowser.start();
  try {
    const calm = await runNotebook(server, browser, { name: 'calm.ipynb', killAfterMs: null });
    expect(calm).toContain('tick 40');
    for (let n = 0; n < count; n++) {
      const killAfterMs = Math.round(Math.random() * RUN_MS);
      const name = `killed-${n}.ipynb`;
      expect(await runNotebook(server, browser, { name, killAfterMs }), `killed after ${killAfterMs} ms`).toBe(calm);
    }
    expect(browser.errors).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Text of the saved notebook file. */
async function runNotebook(
  server: LabServer,
  browser: LabBrowser,
  { name, killAfterMs }: { name: string; killAfterMs: number | null }
): Promise<string> {
  const file = join(server.notebooks, name);
  await writeFile(file, notebookOf(CELLS));
  let lab = new LabPage(await browser.newPage(), server);
  await lab.open(name);
  await new NotebookPage(lab.page).ready();
  await lab.page.evaluate(() => void window.jupyterapp.commands.execute('notebook:run-all-cells'));
  await lab.page.getByText('tick 1').first().waitFor();
  if (killAfterMs !== null) {
    await lab.page.waitForTimeout(killAfterMs);
    await lab.page.close();
    lab = new LabPage(await browser.newPage(), server);
    await lab.open(name);
  }
  const notebook = new NotebookPage(lab.page);
  await notebook.ready();
  await expect.poll(() => notebook.areAllDone(), WAIT).toBe(true);
  await notebook.save();
  await lab.page.evaluate(() => window.jupyterapp.commands.execute('notebook:shutdown-kernel'));
  await lab.page.close();
  return readFile(file, 'utf8');
}
