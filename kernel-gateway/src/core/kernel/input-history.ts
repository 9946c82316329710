/** Inputs of one kernel life, for history_request: [session number, execution count, text]. */
type Entry = [session: number, line: number, text: string];

/** Executed inputs, the newest last; the oldest of more than `limit` are forgotten. */
export class InputHistory {
  #entries: Entry[] = [];
  readonly #limit: number;

  constructor(limit = 1000) {
    this.#limit = limit;
  }

  add(line: number, text: string): void {
    this.#entries.push([0, line, text]);
    if (this.#entries.length > this.#limit) this.#entries.shift();
  }

  /** Content of history_reply; asked with `output: true` the text is a pair with no output, as the protocol wants. */
  answer(request: Record<string, unknown>): Record<string, unknown> {
    const found = this.#select(request);
    const history = request['output'] === true ? found.map(([s, l, text]) => [s, l, [text, null]]) : found;
    return { status: 'ok', history };
  }

  #select(request: Record<string, unknown>): Entry[] {
    const n = typeof request['n'] === 'number' ? request['n'] : this.#entries.length;
    switch (request['hist_access_type']) {
      case 'range': {
        const start = typeof request['start'] === 'number' ? request['start'] : 0;
        const stop = typeof request['stop'] === 'number' ? request['stop'] : Infinity;
        return this.#entries.filter(([, line]) => line >= start && line < stop);
      }
      case 'search': {
        const pattern = typeof request['pattern'] === 'string' ? request['pattern'] : '*';
        const matching = this.#entries.filter(([, , text]) => matchesGlob(pattern, text));
        return last(request['unique'] === true ? newestOfEach(matching) : matching, n);
      }
      default:
        return last(this.#entries, n);
    }
  }
}

const last = (entries: Entry[], count: number): Entry[] => (count <= 0 ? [] : entries.slice(-count));

const newestOfEach = (entries: Entry[]): Entry[] => [...new Map(entries.map(entry => [entry[2], entry])).values()];

/** Shell glob with `*` and `?` over the whole text; linear backtracking, so that no pattern can stall the kernel. */
function matchesGlob(pattern: string, text: string): boolean {
  let p = 0;
  let star = -1;
  let mark = 0;
  for (let t = 0; t < text.length;) {
    if (pattern[p] === '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
