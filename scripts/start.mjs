/** `npm start`: makes all that is missing, then serves the application and opens it in a browser. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Progress } from '../bpf/image/progress.mjs';
import { StepError } from '../bpf/image/step-error.mjs';
import { reportFailure } from './setup/report-failure.mjs';
import { runProduct } from './setup/run-product.mjs';
import { setUp } from './setup/set-up.mjs';

const HELP = `Usage: npm start -- [options]

Sets up what is missing (npm packages, builds, images, a virtual machine), serves bpflab and opens it in a browser.

  --port NUMBER         port to listen at (default 8888, or the next free one)
  --ip ADDRESS          address to listen at (default 127.0.0.1)
  --no-browser          do not open a browser
  --notebook-dir FOLDER folder with your notebooks (default: this one)
  --token TEXT          token of the address (default: a new one at each start)
  --base-url PATH       path that the application is served below (default /)
  --target NAME         where programs run unless a notebook says otherwise: vm, host, pod, pod:NODE, replay:FILE (default vm)
  --mirror ADDRESS      Debian archive to fetch from, such as http://deb.debian.org/debian
  --offline             fetch nothing: use what is there, and say what is missing
  --update              take the newest Debian packages instead of those of the last set-up
  --set-up-only         do not serve
  --help                this text
`;

/** Options that the server understands as well. */
const forwarded = /** @type {const} */ (['port', 'ip', 'notebook-dir', 'token', 'base-url', 'target']);

/** @param {string[]} words */
function readOptions(words) {
  const text = { type: /** @type {const} */ ('string') };
  const flag = { type: /** @type {const} */ ('boolean') };
  try {
    return parseArgs({
      args: words,
      options: {
        port: text,
        ip: text,
        'notebook-dir': text,
        token: text,
        'base-url': text,
        target: text,
        mirror: text,
        offline: flag,
        update: flag,
        'no-browser': flag,
        'set-up-only': flag,
        help: flag
      }
    }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new StepError('BPFLAB_CONFIG_OPTION', `${reason}${reason?.endsWith('.') ? '' : '.'}`, {
      hint: 'See npm start -- --help for the options and their values.',
      cause
    });
  }
}

/** @param {ReturnType<typeof readOptions>} options */
async function start(options) {
  const progress = new Progress();
  try {
    await setUp({
      progress,
      mirror: options.mirror,
      offline: options.offline ?? false,
      update: options.update ?? false,
      withVm: (options.target ?? 'vm') === 'vm'
    });
  } finally {
    progress.close();
  }
  if (options['set-up-only']) return 0;
  if (options['notebook-dir'] !== undefined) {
    // npm runs us in the checkout's folder, and says where the user was.
    options['notebook-dir'] = resolve(process.env['INIT_CWD'] ?? '.', options['notebook-dir']);
  }
  const parameters = forwarded.flatMap(name => (options[name] === undefined ? [] : [`--${name}=${options[name]}`]));
  return runProduct(['serve', ...parameters], { onOutput: options['no-browser'] ? () => {} : openWhenReady() });
}

/** Opens the first address with a token that the server prints. */
function openWhenReady() {
  let seen = '';
  let opened = false;
  return (/** @type {string} */ text) => {
    if (opened) return;
    seen += text;
    const address = /https?:\/\/\S+[?&]token=\S+(?=\s)/.exec(seen)?.[0];
    if (!address) return;
    opened = true;
    const browser = spawn('xdg-open', [address], { stdio: 'ignore', detached: true });
    // Without a desktop there is nothing to open; the address has been printed.
    browser.on('error', () => {});
    browser.unref();
  };
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(HELP);
  else process.exitCode = await start(options);
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
// A failed step may leave others at work; they end with us.
process.exit();
