/** Min, median and a ratio of two sides; the table that `npm run bench` prints. */

/**
 * @typedef {object} Row
 * @property {string} what
 * @property {string} ours
 * @property {string} byHand - empty when there is no other side
 * @property {string} ratio
 * @property {string} bar
 * @property {boolean | null} met - null: no bar, or not run
 * @property {Record<string, unknown>} figures - raw, for --json
 */

/** @param {number[]} values */
const minOf = values => Math.min(...values);

/** @param {number[]} values */
export function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** @param {number[]} ms */
const msText = ms => `${minOf(ms).toFixed(0)} / ${medianOf(ms).toFixed(0)} ms`;

/** @param {number} bytes */
export const mbText = bytes => `${(bytes / 1e6).toFixed(0)} MB`;

/**
 * A row of times against a limit in milliseconds.
 *
 * @param {string} what
 * @param {number[]} ms
 * @param {number} limitMs
 * @returns {Row}
 */
export function limitRow(what, ms, limitMs) {
  const met = medianOf(ms) <= limitMs;
  return { what, ours: msText(ms), byHand: '', ratio: '', bar: `≤ ${limitMs} ms`, met, figures: { ours_ms: ms } };
}

/**
 * A row of times none of which may be above a limit in milliseconds; it shows the median and the longest.
 *
 * @param {string} what
 * @param {Map<string, number>} ms - by what took so long
 * @param {number} limitMs
 * @returns {Row}
 */
export function everyRow(what, ms, limitMs) {
  const [name = '', longest = Infinity] = [...ms].sort((a, b) => b[1] - a[1])[0] ?? [];
  const ours = `median ${medianOf([...ms.values()]).toFixed(0)}, longest ${longest.toFixed(0)} ms (${name})`;
  const figures = { ours_ms: Object.fromEntries(ms) };
  return { what, ours, byHand: '', ratio: '', bar: `each ≤ ${limitMs} ms`, met: longest <= limitMs, figures };
}

/**
 * A row of times against the same work by hand.
 *
 * @param {string} what
 * @param {{ ours: number[], byHand: number[] }} ms - measured in turns in one run
 * @param {number | null} limit - ours / by hand, medians
 * @returns {Row}
 */
export function ratioRow(what, { ours, byHand }, limit) {
  const ratio = medianOf(ours) / medianOf(byHand);
  return {
    what,
    ours: msText(ours),
    byHand: msText(byHand),
    ratio: `${(minOf(ours) / minOf(byHand)).toFixed(2)} / ${ratio.toFixed(2)}`,
    bar: limit === null ? '' : `≤ ${limit}×`,
    met: limit === null ? null : ratio <= limit,
    figures: { ours_ms: ours, by_hand_ms: byHand, ratio }
  };
}

/**
 * A part that ended early, as when records were lost: its bars are not met, and the other parts still run.
 *
 * @param {string} part
 * @param {unknown} error
 * @returns {Row}
 */
export const failedRow = (part, error) => ({
  what: part,
  ours: error instanceof Error ? error.message : String(error),
  byHand: '',
  ratio: '',
  bar: 'to its end',
  met: false,
  figures: {}
});

/** @param {Row[]} rows */
export function tableText(rows) {
  const head = { what: 'what', ours: 'ours min / median', byHand: 'by hand', ratio: 'ratio', bar: 'bar', met: null };
  const mark = (/** @type {boolean | null} */ met) => (met === null ? '' : met ? 'met' : 'NOT MET');
  const cells = [head, ...rows].map(row => [row.what, row.ours, row.byHand, row.ratio, row.bar, mark(row.met)]);
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map(row => row[column]?.length ?? 0))) ?? [];
  return cells
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()
    )
    .join('\n');
}
