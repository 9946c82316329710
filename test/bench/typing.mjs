/** The last key → what the compiler says is marked in the cell, in Chromium, for a program with CO-RE reads. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { limitRow } from './figures.mjs';
import { openNotebookPage } from './notebook-page.mjs';

const LIMIT_MS = 300;
const MARK = '.jp-Notebook .cm-lintRange-error';

/**
 * @param {import('./bench.mjs').Bench} bench
 * @returns {Promise<import('./figures.mjs').Row[]>}
 */
export async function benchTyping({ folder, rounds }) {
  const program = readFileSync(path.join(import.meta.dirname, 'programs/exec.bpf.c'), 'utf8');
  const cells = [`%%bpf typed\n${program}`];
  const { page, close } = await openNotebookPage({ folder, name: 'typing', target: 'vm', cells });
  const ms = [];
  try {
    await page.evaluate(placeCursor);
    // The first ones start the session's second sandbox and precompile its header.
    for (let round = -3; round < rounds * 2; round++) {
      const watch = await page.evaluateHandle(watchMark, MARK);
      await page.keyboard.press('x');
      const measured = await watch.evaluate(({ firstMarkMs }) => firstMarkMs);
      if (round >= 0) ms.push(measured);
      await page.keyboard.press('Backspace');
      await page.locator(MARK).first().waitFor({ state: 'detached', timeout: 60_000 });
    }
  } finally {
    await close();
  }
  return [limitRow('last key → mark of the compiler, Chromium, VM', ms, LIMIT_MS)];
}

/** In the page: the end of the cell is edited from here on. */
function placeCursor() {
  const { jupyterapp } = /** @type {any} */ (globalThis);
  const notebook = jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = 0;
  notebook.mode = 'edit';
  const { editor } = notebook.activeCell;
  editor.setCursorPosition(editor.getPositionAt(editor.model.sharedModel.getSource().length));
  editor.focus();
}

/**
 * In the page: milliseconds from the next key to the first mark.
 *
 * @param {string} mark
 * @returns {{ firstMarkMs: Promise<number> }}
 */
function watchMark(mark) {
  const { document, MutationObserver } = /** @type {any} */ (globalThis);
  const firstMarkMs = new Promise(resolve => {
    let pressedAt = NaN;
    const onKey = (/** @type {{ timeStamp: number }} */ event) => (pressedAt = event.timeStamp);
    document.addEventListener('keydown', onKey, { capture: true, once: true });
    const observer = new MutationObserver(() => {
      if (Number.isNaN(pressedAt) || document.querySelector(mark) === null) return;
      observer.disconnect();
      resolve(performance.now() - pressedAt);
    });
    observer.observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  return { firstMarkMs };
}
