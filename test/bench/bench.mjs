/** All rows of the table "Speed and memory", in one run. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheRoot } from '../../kernel-gateway/lib/adapters/install/cache-root.js';
import { readInstalled } from '../../kernel-gateway/lib/adapters/install/installed.js';
import { benchCluster } from './cluster.mjs';
import { benchCompile } from './compile.mjs';
import { benchEmptyCell } from './empty-cell.mjs';
import { benchExplain } from './explain.mjs';
import { benchExtensionSize } from './extension-size.mjs';
import { failedRow } from './figures.mjs';
import { benchFirstEvent } from './first-event.mjs';
import { benchFollow } from './follow.mjs';
import { benchFollowViews } from './follow-views.mjs';
import { benchLabChecks } from './lab-checks.mjs';
import { benchManyNodes } from './many-nodes.mjs';
import { benchMap } from './map.mjs';
import { benchMemory } from './memory.mjs';
import { chromiumPath } from './notebook-page.mjs';
import { benchPageLoad } from './page-load.mjs';
import { benchColdBoot, benchRestore } from './restore.mjs';
import { benchRing } from './ring.mjs';
import { benchScroll } from './scroll.mjs';
import { benchTable } from './table.mjs';
import { benchTyping } from './typing.mjs';
import { benchWindows } from './windows.mjs';

/**
 * @typedef {object} Bench
 * @property {import('../../kernel-gateway/lib/adapters/install/installed.js').Installed} installed
 * @property {string} folder - for this run, removed afterwards
 * @property {number} rounds
 * @property {boolean} quick - smaller amounts, for a look
 */

/** Parts by name; those with `root` need root, since they load programs into this machine's own kernel. */
const parts = {
  restore: { run: benchRestore, root: false },
  'cold-boot': { run: benchColdBoot, root: false },
  'first-event': { run: benchFirstEvent, root: true },
  compile: { run: benchCompile, root: true },
  ring: { run: benchRing, root: true },
  map: { run: benchMap, root: true },
  explain: { run: benchExplain, root: false },
  'lab-checks': { run: benchLabChecks, root: false },
  windows: { run: benchWindows, root: false },
  table: { run: benchTable, root: true, browser: true },
  scroll: { run: benchScroll, root: false, browser: true },
  follow: { run: benchFollow, root: false },
  'follow-views': { run: benchFollowViews, root: true },
  'empty-cell': { run: benchEmptyCell, root: true },
  typing: { run: benchTyping, root: false, browser: true },
  'page-load': { run: benchPageLoad, root: false, browser: true },
  'extension-size': { run: benchExtensionSize, root: false },
  cluster: { run: benchCluster, root: true, testbed: true },
  'many-nodes': { run: benchManyNodes, root: false },
  memory: { run: benchMemory, root: false }
};

export const partNames = Object.keys(parts);

/**
 * @param {{ only: string[], rounds: number, quick: boolean, say: (text: string) => void }} options
 * @returns {Promise<import('./figures.mjs').Row[]>}
 */
export async function runBench({ only, rounds, quick, say }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'bpflab-bench-'));
  const bench = { installed: readInstalled(), folder, rounds, quick };
  const rows = [];
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (only.length > 0 && !only.includes(name)) continue;
      if (part.root && process.getuid?.() !== 0) {
        say(`${name}: left out, it needs root`);
        continue;
      }
      if ('testbed' in part && only.length === 0 && !hasTestbed()) {
        say(`${name}: left out, the components of the testbed are not built; --only ${name} builds them`);
        continue;
      }
      if ('browser' in part && chromiumPath() === undefined) {
        say(`${name}: left out, it needs Chromium`);
        continue;
      }
      say(name);
      rows.push(...(await part.run(bench).catch(error => [failedRow(name, error)])));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

/** The components of test clusters take ten minutes to build. */
function hasTestbed() {
  const folder = path.join(cacheRoot(), 'testbed');
  return existsSync(folder) && readdirSync(folder).some(name => name.startsWith('components-'));
}
