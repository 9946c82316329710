/** A notebook of the built application, open in Chromium, with a server of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const checkout = path.resolve(import.meta.dirname, '../..');

/** Absolute path of a browser that speaks Chromium's protocol; undefined when there is none. */
export function chromiumPath() {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return browsers.flatMap(name => folders.map(folder => path.join(folder, name))).find(file => existsSync(file));
}

/**
 * Opens a notebook with these cells; it is ready when the page knows its session's target. Whoever opens it closes it.
 *
 * @param {{ folder: string, name: string, target: string, cells: string[] }} options - folder: of the whole run
 */
export async function openNotebookPage({ folder, name, target, cells }) {
  const notebooks = path.join(folder, name);
  mkdirSync(notebooks);
  writeFileSync(path.join(notebooks, `${name}.ipynb`), notebookOf(cells));
  const server = spawn(
    process.execPath,
    [
      path.join(checkout, 'kernel-gateway/lib/cli/bpflab.js'),
      ...['serve', '--port', '0', '--target', target, '--notebook-dir', notebooks]
    ],
    { env: { ...process.env, XDG_CONFIG_HOME: path.join(folder, 'config') }, stdio: ['ignore', 'pipe', 'inherit'] }
  );
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('there is no Chromium in PATH');
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
  });
  const close = async () => {
    await browser.close();
    const ended = server.exitCode === null ? once(server, 'exit') : null;
    server.kill('SIGTERM');
    await ended;
  };
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const { origin, search } = await addressOf(server);
    await page.goto(`${origin}/lab/workspaces/bench/tree/${name}.ipynb${search}&expose=1`);
    await page.locator('.jp-BpflabTarget:not(.lm-mod-hidden)').waitFor({ timeout: 120_000 });
    return { page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @param {string[]} sources */
function notebookOf(sources) {
  const cells = sources.map((source, index) => ({
    ...{ cell_type: 'code', id: `cell-${index}`, metadata: {}, execution_count: null, outputs: [] },
    source
  }));
  const kernelspec = { name: 'bpflab', display_name: 'eBPF (C)', language: 'c' };
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells });
}

/**
 * The tokened address that the server prints.
 *
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, null>} server
 * @returns {Promise<URL>}
 */
function addressOf(server) {
  return new Promise((resolve, reject) => {
    createInterface({ input: server.stdout }).on('line', line => {
      const address = /http:\/\/\S+\?token=\S+/.exec(line);
      if (address) resolve(new URL(address[0]));
    });
    server.on('exit', status => reject(new Error(`The server ended with ${status}.`)));
  });
}
