/** Page load → kernel idle, warm: our application against stock JupyterLab from pip, in turns, in one browser. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { pythonEnvironment, STOCK } from '../fixtures/python-environment.mjs';
import { ratioRow } from './figures.mjs';
import { chromiumPath } from './notebook-page.mjs';

const program = path.resolve(import.meta.dirname, '../../kernel-gateway/lib/cli/bpflab.js');
const STOCK_TOKEN = 'bench';

/**
 * @param {import('./bench.mjs').Bench} bench
 * @returns {Promise<import('./figures.mjs').Row[]>}
 */
export async function benchPageLoad({ folder, rounds }) {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('there is no Chromium in PATH');
  const stock = await startStock(path.join(folder, 'stock'));
  const ours = await startOurs(path.join(folder, 'ours'));
  const profile = path.join(folder, 'chromium');
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
  });
  /** @type {{ ours: number[], byHand: number[] }} */
  const ms = { ours: [], byHand: [] };
  try {
    // The first ones start the kernels, fill the browser's cache and save the layout with the notebook.
    for (let round = -2; round < rounds; round++) {
      const isWarm = round >= 0;
      const measured = {
        ours: await loadMs(browser, ours.url, isWarm),
        byHand: await loadMs(browser, stock.url, isWarm)
      };
      if (!isWarm) continue;
      ms.ours.push(measured.ours);
      ms.byHand.push(measured.byHand);
    }
  } finally {
    await browser.close();
    await Promise.all([ours.close(), stock.close()]);
  }
  return [ratioRow('page load → kernel idle, warm; by hand: stock JupyterLab', ms, 1)];
}

/**
 * @param {import('playwright-core').BrowserContext} browser
 * @param {string} url
 * @param {boolean} isWarm - else the page is left only when the server has its layout, as a user leaves it
 */
async function loadMs(browser, url, isWarm) {
  const page = await browser.newPage();
  const saved = isWarm ? null : page.waitForRequest(isLayoutWithNotebook, { timeout: 120_000 });
  const startedAt = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForFunction(
    () => {
      /** @type {any} */
      const app = /** @type {any} */ (globalThis).jupyterapp;
      const kernel = app?.shell?.currentWidget?.sessionContext?.session?.kernel;
      return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
    },
    undefined,
    { timeout: 120_000, polling: 'raf' }
  );
  const ms = performance.now() - startedAt;
  await (await saved)?.response();
  await page.close();
  return ms;
}

/** @param {import('playwright-core').Request} request */
const isLayoutWithNotebook = request =>
  request.method() === 'PUT' &&
  request.url().includes('/api/workspaces/') &&
  (request.postData() ?? '').includes('"notebook:load.ipynb"');

/** @param {string} kernel - name of a kernelspec */
const notebookOf = kernel =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: kernel, display_name: kernel, language: '' } },
    cells: [{ cell_type: 'code', id: 'a', metadata: {}, execution_count: null, outputs: [], source: '' }]
  });

/** @param {string} folder */
async function startOurs(folder) {
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'load.ipynb'), notebookOf('bpflab'));
  const env = { XDG_CONFIG_HOME: path.join(folder, 'config'), BPFLAB_RUNTIME_DIR: path.join(folder, 'runtime') };
  const words = [program, 'serve', '--port', '0', '--token', STOCK_TOKEN, '--notebook-dir', folder];
  return startServer(process.execPath, words, { env, page: '/lab/workspaces/bench/tree/load.ipynb' });
}

/** @param {string} folder */
async function startStock(folder) {
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'load.ipynb'), notebookOf('python3'));
  const bin = await pythonEnvironment(STOCK);
  const env = {
    ...{ JUPYTER_CONFIG_DIR: path.join(folder, 'config'), JUPYTER_DATA_DIR: path.join(folder, 'data') },
    ...{ JUPYTER_RUNTIME_DIR: path.join(folder, 'runtime'), PATH: `${bin}:${process.env['PATH']}` }
  };
  const words = [
    ...['--no-browser', '--allow-root', '--ServerApp.port=18888', `--IdentityProvider.token=${STOCK_TOKEN}`],
    ...['--LabApp.expose_app_in_browser=True', `--ServerApp.root_dir=${folder}`, '--LabApp.news_url=None']
  ];
  return startServer(path.join(bin, 'jupyter-lab'), words, { env, page: '/lab/workspaces/bench/tree/load.ipynb' });
}

/**
 * Resolves when the server has printed its address.
 *
 * @param {string} command
 * @param {string[]} words
 * @param {{ env: NodeJS.ProcessEnv, page: string }} options
 */
async function startServer(command, words, { env, page }) {
  const child = spawn(command, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const origin = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', line => {
        const address = /http:\/\/(127\.0\.0\.1|localhost):\d+/.exec(line);
        if (address) resolve(address[0]);
      });
    }
    child.on('exit', status => reject(new Error(`${command} ended with ${status}`)));
  });
  return {
    url: `${origin}${page}?token=${STOCK_TOKEN}&expose=1`,
    close: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
  };
}
