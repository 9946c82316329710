import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkout, productNode } from './checkout.mjs';

/**
 * Runs the product's command line on its Node, with our stdin and stderr, and gives its exit status. Signals that ask
 * us to end are passed on; it ends when we are killed, and when the npm that started us is gone: npm passes a signal on to
 * its shell, which may end without us, and a killed one passes nothing on.
 *
 * @param {string[]} parameters
 * @param {{ onOutput?: (text: string) => void }} [options] - onOutput: called with what it writes to stdout, which is
 *   shown all the same
 * @returns {Promise<number>}
 */
export async function runProduct(parameters, { onOutput } = {}) {
  const program = join(checkout, 'kernel-gateway/lib/cli/bpflab.js');
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', productNode(), program, ...parameters], {
    stdio: ['inherit', onOutput ? 'pipe' : 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${join(checkout, 'node_modules/.bin')}:${process.env['PATH']}` }
  });
  child.stdout?.on('data', (/** @type {Buffer} */ chunk) => {
    process.stdout.write(chunk);
    onOutput?.(chunk.toString());
  });
  // A Ctrl-C reaches the child by itself, being in our process group: we only wait for its end.
  process.on('SIGINT', () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  const stopWatching = watchParent(() => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      stopWatching();
      resolve(signal ? 128 + 15 : (status ?? 1));
    });
  });
}

const PARENT_LOOK_MS = 500;

/**
 * Calls `onGone` when the process that started us has ended. Only below npm, which stays as long as its script does; a shell
 * may end before what it has put into the background.
 *
 * @param {() => void} onGone
 * @returns {() => void} ends the watch
 */
function watchParent(onGone) {
  if (process.env['npm_lifecycle_event'] === undefined) return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, PARENT_LOOK_MS);
  return () => clearInterval(timer);
}
