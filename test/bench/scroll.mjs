/** Scrolling by wheel through a notebook of 200 cells with 30 living views, in Chromium. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { longestMs, mostCpuMs, tasksDuring } from './main-thread.mjs';
import { runCell } from './run-cell.mjs';
import { openNotebookPage } from './notebook-page.mjs';

const CELLS = 200;
/** One cell in so many has a program, of three views. */
const EVERY = 20;
const VIEWS_OF_EACH = 3;
const LIMIT_MS = 100;
const WHEEL_PX = 240;
const VIEW = '.jp-BpflabView';

/**
 * @param {import('./bench.mjs').Bench} bench
 * @returns {Promise<import('./figures.mjs').Row[]>}
 */
export async function benchScroll({ folder, quick }) {
  const every = quick ? EVERY * 2 : EVERY;
  const { page, close } = await openNotebookPage({ folder, name: 'scroll', target: 'vm', cells: cells(every) });
  try {
    for (let index = every - 1; index < CELLS; index += every) await runCell(page, index);
    await runCell(page, 0);
    const rows = [];
    const views = (VIEWS_OF_EACH * CELLS) / every;
    for (const pass of ['first', 'second']) rows.push(await measure(page, { pass, views }));
    return rows;
  } finally {
    await close();
  }
}

/**
 * From the first cell to the last one, with the pointer beside the cells: a table under it would be scrolled instead.
 *
 * @param {import('playwright-core').Page} page
 * @param {{ pass: string, views: number }} wanted
 * @returns {Promise<import('./figures.mjs').Row>}
 */
async function measure(page, { pass, views }) {
  await page.evaluate(goToStart);
  const box = await page.locator('.jp-WindowedPanel-outer').boundingBox();
  await page.mouse.move((box?.x ?? 0) + 12, (box?.y ?? 0) + 200);
  /** @type {Set<string>} */
  const seen = new Set();
  const frames = await page.evaluateHandle(watchFrames);
  const tasks = await tasksDuring(page, async () => {
    for (let isAtEnd = false; !isAtEnd;) {
      await page.mouse.wheel(0, WHEEL_PX);
      const place = await page.evaluate(nextPlace, VIEW);
      for (const view of place.live) seen.add(view);
      isAtEnd = place.isAtEnd;
    }
  });
  const frameMs = await frames.evaluate(({ stop }) => stop());
  const longest = longestMs(tasks);
  return {
    what: `scroll ${CELLS} cells, ${views} live views, ${pass} time, Chromium`,
    ours: `longest task ${longest.toFixed(0)} ms (${mostCpuMs(tasks).toFixed(0)} of CPU at most)`,
    byHand: '',
    ratio: '',
    bar: `tasks ≤ ${LIMIT_MS} ms`,
    met: longest <= LIMIT_MS && seen.size === views,
    figures: {
      longestTaskMs: longest,
      mostTaskCpuMs: mostCpuMs(tasks),
      longTasks: tasks.filter(task => task.ms > 50).length,
      frames: frameMs.length,
      framesOver50Ms: frameMs.filter(ms => ms > 50).length,
      liveViewsSeen: seen.size
    }
  };
}

/** In the page. */
function goToStart() {
  const { document, requestAnimationFrame } = /** @type {any} */ (globalThis);
  document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0;
  return new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}

/**
 * In the page: milliseconds between frames, until it is stopped.
 *
 * @returns {{ stop: () => number[] }}
 */
function watchFrames() {
  const { requestAnimationFrame } = /** @type {any} */ (globalThis);
  /** @type {number[]} */
  const frameMs = [];
  let last = NaN;
  let isWatched = true;
  const onFrame = (/** @type {number} */ at) => {
    if (!Number.isNaN(last)) frameMs.push(at - last);
    last = at;
    if (isWatched) requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
  return {
    stop: () => {
      isWatched = false;
      return frameMs;
    }
  };
}

/**
 * In the page, after the next two frames: where it stands, and which views are live.
 *
 * @param {string} selector
 * @returns {Promise<{ isAtEnd: boolean, live: string[] }>}
 */
async function nextPlace(selector) {
  const { document, requestAnimationFrame } = /** @type {any} */ (globalThis);
  await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const { scrollTop, scrollHeight, clientHeight } = document.querySelector('.jp-WindowedPanel-outer');
  // The first cell shows what its own program prints.
  const live = [...document.querySelectorAll(`.jp-Cell:not([data-windowed-list-index="0"]) ${selector}`)]
    .filter(view => view.querySelector('.jp-BpflabBadge')?.textContent === 'Live')
    .map(view => {
      const cell = view.closest('.jp-Cell').dataset.windowedListIndex;
      return `${cell} ${view.querySelector(`${selector}-title`).textContent}`;
    });
  return { isAtEnd: scrollTop + clientHeight >= scrollHeight - 2, live };
}

/**
 * The first cell calls all the time; each program sees its calls.
 *
 * @param {number} every
 */
function cells(every) {
  const program = readFileSync(path.join(import.meta.dirname, 'programs/views.bpf.c'), 'utf8');
  const filler = (/** @type {number} */ index) => `%%sh\n${'# a line of a cell\n'.repeat(8)}echo ${index}`;
  const traffic = "%%sh --bg\npython3 -c 'import os, time\nwhile True: os.getsid(0); time.sleep(0.05)'";
  return Array.from({ length: CELLS }, (_, n) =>
    n === 0 ? traffic : n % every === every - 1 ? `%%bpf views_${n}\n${program}` : filler(n)
  );
}
