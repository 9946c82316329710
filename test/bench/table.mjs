/** 100,000 events a second into the table of a cell, in Chromium, on this machine's own kernel. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { mbText } from './figures.mjs';
import { longestMs, mostCpuMs, tasksDuring } from './main-thread.mjs';
import { runCell } from './run-cell.mjs';
import { openNotebookPage } from './notebook-page.mjs';

const PER_SECOND = 100_000;
/** Records that one system call makes, see programs/flood.bpf.c. */
const PER_CALL = 100;
const LONGEST_TASK_MS = 100;
const HEAP_GROWTH_BYTES = 50 * 1024 * 1024;

/**
 * @param {import('./bench.mjs').Bench} bench
 * @returns {Promise<import('./figures.mjs').Row[]>}
 */
export async function benchTable({ folder, quick }) {
  const seconds = quick ? 5 : 30;
  const count = seconds * PER_SECOND;
  const flood = readFileSync(path.join(import.meta.dirname, 'programs/flood.bpf.c'), 'utf8');
  const cells = [`%%bpf flood\n${flood}`, caller(count)];
  const { page, close } = await openNotebookPage({ folder, name: 'table', target: 'host', cells });
  try {
    const figures = await measure(page, { count, seconds });
    return [rowOf(figures, { count, seconds })];
  } finally {
    await close();
  }
}

/** @typedef {Awaited<ReturnType<typeof measure>>} Figures */

/**
 * @param {Figures} figures
 * @param {{ count: number, seconds: number }} wanted
 * @returns {import('./figures.mjs').Row}
 */
function rowOf(figures, { count, seconds }) {
  const { facts, longestTaskMs, mostTaskCpuMs, heapGrowthBytes } = figures;
  const task = `${longestTaskMs.toFixed(0)} ms (${mostTaskCpuMs.toFixed(0)} of CPU at most)`;
  const isWhole = facts === `${count.toLocaleString('en-US')} events`;
  return {
    what: `${PER_SECOND / 1000}k events/s for ${seconds} s into a table, host, Chromium`,
    ours: `${facts}, longest task ${task}, heap ${mbText(heapGrowthBytes)}`,
    byHand: '',
    ratio: '',
    bar: `none lost, tasks ≤ ${LONGEST_TASK_MS} ms, heap ≤ ${mbText(HEAP_GROWTH_BYTES)}`,
    met: isWhole && longestTaskMs <= LONGEST_TASK_MS && heapGrowthBytes <= HEAP_GROWTH_BYTES,
    figures
  };
}

/**
 * @param {import('playwright-core').Page} page
 * @param {{ count: number, seconds: number }} wanted
 */
async function measure(page, { count, seconds }) {
  const protocol = await page.context().newCDPSession(page);
  const heap = async () => {
    await protocol.send('HeapProfiler.collectGarbage');
    return (await protocol.send('Runtime.getHeapUsage')).usedSize;
  };
  const view = page.locator('.jp-BpflabView').first();
  const facts = view.locator('.jp-BpflabView-facts').first();
  await runCell(page, 0);
  await facts.filter({ hasText: /event/ }).waitFor({ timeout: 120_000 });
  const heapBefore = await heap();
  const startedAt = performance.now();
  const tasks = await tasksDuring(page, async () => {
    await runCell(page, 1);
    const whole = count.toLocaleString('en-US');
    // Loss is seen by the count that never comes: a minute more is time enough for a slow machine.
    await facts
      .filter({ hasText: whole })
      .waitFor({ timeout: (seconds + 60) * 1000 })
      .catch(() => undefined);
  });
  const tookMs = performance.now() - startedAt;
  return {
    facts: (await facts.innerText()).trim(),
    longestTaskMs: longestMs(tasks),
    mostTaskCpuMs: mostCpuMs(tasks),
    longTasks: tasks.filter(task => task.ms > 50).length,
    mainThreadCpuShare: tasks.reduce((sum, task) => sum + task.cpuMs, 0) / tookMs,
    heapGrowthBytes: (await heap()) - heapBefore,
    tookMs
  };
}

/**
 * Calls at an even rate, whatever a sleep takes longer than it was asked for.
 *
 * @param {number} count
 */
function caller(count) {
  const perSecond = PER_SECOND / PER_CALL;
  return [
    '%%sh --bg',
    "perl -MTime::HiRes=time,sleep -e '",
    `my $start = time; for my $i (1 .. ${count / PER_CALL}) { syscall(124, 0);`,
    `my $rest = $start + $i / ${perSecond} - time; sleep($rest) if $rest > 0.002 }'`
  ].join('\n');
}
