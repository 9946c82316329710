/** What the main thread of a page does, from a trace of Chromium. */

/** @typedef {{ ms: number, cpuMs: number }} Task - on the clock, and of the thread's own processor time */

/**
 * Tasks of the page's main thread while `work` runs.
 *
 * @param {import('playwright-core').Page} page
 * @param {() => Promise<void>} work
 * @returns {Promise<Task[]>}
 */
export async function tasksDuring(page, work) {
  const browser = page.context().browser();
  await browser?.startTracing(page, { categories: ['toplevel'] });
  await work();
  return mainThreadTasks((await browser?.stopTracing()) ?? Buffer.alloc(0));
}

/** @param {Task[]} tasks */
export const longestMs = tasks => tasks.reduce((most, task) => Math.max(most, task.ms), 0);

/**
 * Of any task: what is left of the longest one when nobody else wants the processor.
 *
 * @param {Task[]} tasks
 */
export const mostCpuMs = tasks => tasks.reduce((most, task) => Math.max(most, task.cpuMs), 0);

/**
 * Times in a trace are in microseconds, `tdur` is the thread's own.
 *
 * @param {Buffer} trace
 * @returns {Task[]}
 */
function mainThreadTasks(trace) {
  /** @type {{ name: string, ph: string, pid: number, tid: number, dur?: number, tdur?: number, args?: { name?: string } }[]} */
  const events = JSON.parse(trace.toString()).traceEvents;
  const mains = new Set(
    events.filter(one => one.name === 'thread_name' && one.args?.name === 'CrRendererMain').map(threadOf)
  );
  return events
    .filter(one => one.name === 'ThreadControllerImpl::RunTask' && mains.has(threadOf(one)))
    .map(one => ({ ms: (one.dur ?? 0) / 1000, cpuMs: (one.tdur ?? 0) / 1000 }));
}

const threadOf = (/** @type {{ pid: number, tid: number }} */ { pid, tid }) => `${pid}/${tid}`;
