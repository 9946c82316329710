/** What a browser has to fetch for the extension, compressed: at first, and when a chart or another lazy part is shown. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const extension = path.resolve(import.meta.dirname, '../../extension');
const KB = 1000;
/** Monaco is a tab that a user opens: it is much larger, and no output needs it. */
const isMonaco = (/** @type {string} */ text) => text.includes('monaco-editor') || text.includes('standaloneServices');
const isChart = (/** @type {string} */ text) => text.includes('u-legend') || text.includes('uplot');

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchExtensionSize() {
  const build = spawnSync(process.execPath, [path.join(extension, 'app/build-labextension.mjs')], { encoding: 'utf8' });
  if (build.status !== 0) throw new Error(build.stderr);
  const folder = path.join(extension, 'labextension/static');
  const chunks = readdirSync(folder)
    .filter(name => name.endsWith('.js'))
    .map(name => {
      const text = readFileSync(path.join(folder, name), 'utf8');
      return { name, text, bytes: gzipSync(text, { level: 9 }).byteLength };
    });
  const entry = chunks.find(({ name }) => name.startsWith('remoteEntry.'));
  if (!entry) throw new Error('the labextension has no entry');
  const first = chunks.filter(
    ({ name }) => name === entry.name || firstChunks(entry.text).has(name.split('.')[0] ?? '')
  );
  const lazy = chunks.filter(chunk => !first.includes(chunk) && chunk.name !== 'style.js' && !isMonaco(chunk.text));
  const charts = lazy.filter(({ text }) => isChart(text));
  const others = lazy.filter(chunk => !charts.includes(chunk));
  return [
    sizeRow('extension: first load, gzip', sum(first), 80),
    sizeRow('extension: largest lazy chunk with a chart, gzip', largest(charts), 40),
    sizeRow('extension: largest other lazy chunk but the editor, gzip', largest(others), 80)
  ];
}

/**
 * Ids of the chunks that the exposed modules need, as the entry's table of modules has them.
 *
 * @param {string} text
 */
function firstChunks(text) {
  const table = text.slice(text.indexOf('"./extension"'));
  const end = table.indexOf('};');
  return new Set([...table.slice(0, end).matchAll(/\.e\("?(\d+)"?\)/g)].map(match => match[1] ?? ''));
}

/** @param {{ bytes: number }[]} chunks */
const sum = chunks => chunks.reduce((total, { bytes }) => total + bytes, 0);

/** @param {{ bytes: number }[]} chunks */
const largest = chunks => Math.max(0, ...chunks.map(({ bytes }) => bytes));

/**
 * @param {string} what
 * @param {number} bytes
 * @param {number} limitKb
 * @returns {import('./figures.mjs').Row}
 */
function sizeRow(what, bytes, limitKb) {
  return {
    what,
    ours: `${(bytes / KB).toFixed(1)} KB`,
    byHand: '',
    ratio: '',
    bar: `≤ ${limitKb} KB`,
    met: bytes <= limitKb * KB,
    figures: { bytes }
  };
}
