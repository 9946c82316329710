/**
 * One line per set-up step: what, how far, how long, from the cache or not. On a terminal the lines of running steps
 * are redrawn in place; elsewhere a line is written when a step ends, and every ten seconds while it runs.
 */

/**
 * @typedef {object} Step
 * @property {(text: string, fraction?: number) => void} update - what is being done, and how much of the step, 0 to 1
 * @property {(text: string) => void} done
 * @property {(text?: string) => void} cached - the step had nothing to do
 * @property {() => void} failed
 * @typedef {{ name: string, startedMs: number, text: string, fraction: number | undefined, shownMs: number }} Running
 */

/** How often a terminal is redrawn at most, and how often other outputs hear of a running step. */
const REDRAW_MS = 100;
const REPEAT_MS = 10_000;
const NAME_COLUMNS = 18;

export class Progress {
  /** @type {Running[]} */
  #running = [];
  #drawn = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /**
   * @param {{ write(text: string): unknown, isTTY?: boolean | undefined, columns?: number | undefined }} [stream]
   * @param {{ now?: () => number, quietWhenCached?: boolean }} [options] - now: milliseconds; quietWhenCached: no line
   *   for a step that had nothing to do
   */
  constructor(stream = process.stderr, { now = () => performance.now(), quietWhenCached = false } = {}) {
    this.stream = stream;
    this.now = now;
    this.quietWhenCached = quietWhenCached;
  }

  /**
   * @param {string} name - what the step makes
   * @returns {Step}
   */
  step(name) {
    const running = { name, startedMs: this.now(), text: '', fraction: undefined, shownMs: this.now() };
    this.#running.push(running);
    this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS).unref();
    return {
      update: (text, fraction) => Object.assign(running, { text, fraction }),
      done: text => this.#end(running, `${text} (${seconds(this.now() - running.startedMs)})`),
      cached: (text = '') => {
        this.#end(running, this.quietWhenCached ? null : `${text}${text ? ' ' : ''}(from the cache)`);
      },
      failed: () => this.#end(running, `failed after ${seconds(this.now() - running.startedMs)}`)
    };
  }

  /**
   * A line that belongs to no step.
   *
   * @param {string} text
   */
  note(text) {
    this.#erase();
    this.stream.write(`${text}\n`);
    this.#draw();
  }

  /** Ends the drawing; steps that still run are dropped. */
  close() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#erase();
    this.#running = [];
  }

  /**
   * @param {Running} running
   * @param {string | null} text - null: no line
   */
  #end(running, text) {
    if (!this.#running.includes(running)) return;
    this.#erase();
    this.#running = this.#running.filter(other => other !== running);
    if (text !== null) this.stream.write(`${running.name.padEnd(NAME_COLUMNS)} ${text}\n`);
    this.#draw();
  }

  #draw() {
    if (this.stream.isTTY) {
      this.#erase();
      const width = (this.stream.columns || 80) - 1;
      for (const running of this.#running) this.stream.write(`${this.#line(running).slice(0, width)}\n`);
      this.#drawn = this.#running.length;
      return;
    }
    for (const running of this.#running) {
      if (this.now() - running.shownMs < REPEAT_MS) continue;
      running.shownMs = this.now();
      this.stream.write(`${this.#line(running)}\n`);
    }
  }

  #erase() {
    if (this.#drawn > 0) this.stream.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }

  /** @param {Running} running */
  #line(running) {
    const percent = running.fraction === undefined ? '' : `${Math.floor(running.fraction * 100)} % `;
    const elapsed = seconds(this.now() - running.startedMs);
    return `${running.name.padEnd(NAME_COLUMNS)} ${running.text} ${percent}… ${elapsed}`;
  }
}

/** @param {number} ms */
function seconds(ms) {
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
