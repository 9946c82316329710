/**
 * `npm run check`: the sources' types first, then lint (rules that need types by oxlint, the others by eslint), the tests' types, format, style, arrows, unused code, unit tests and house rules, two at a time.
 * One line for each with its time; the output of those that failed. Results of unchanged files are kept between runs
 * (node_modules/.cache); `npm test` keeps none.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkout } from './setup/checkout.mjs';

const kept = (/** @type {string} */ tool) => ['--cache', '--cache-location', join('node_modules/.cache/bpflab', tool)];

/**
 * Commands of package.json with what is added to them; those that take longest come first.
 *
 * @type {[name: string, more: string[]][]}
 */
const commands = [
  ['lint', ['--cache-strategy', 'content', ...kept('eslint')]],
  ['unit', []],
  ['lint:types', []],
  ['typecheck', []],
  ['house', []],
  ['unused', []],
  ['format:check', []],
  ['deps', []],
  ['style', []]
];

/**
 * @param {string} name
 * @param {readonly string[]} more
 * @returns {Promise<boolean>} whether it passed
 */
function check(name, more) {
  const startedMs = performance.now();
  const child = spawn('npm', ['run', '--silent', name, '--', ...more], {
    cwd: checkout,
    // Compiler and linter make much garbage: a wider nursery is a fifth of their time.
    env: { ...process.env, NODE_OPTIONS: '--max-semi-space-size=128' },
    stdio: ['ignore', 'pipe', 'pipe']
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (/** @type {string} */ part) => (text += part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', status => {
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      process.stdout.write(`${name.padEnd(14)} ${status === 0 ? 'passed' : 'FAILED'}  ${seconds} s\n`);
      if (status !== 0) process.stdout.write(`${text}\n`);
      resolve(status === 0);
    });
  });
}

const startedMs = performance.now();
// The others read what the compiler writes; the tests' types are checked beside them.
const results = [await check('types', [])];
const waiting = [...commands];
const lane = async () => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results.push(await check(...next));
};
if (results[0]) await Promise.all([lane(), lane()]);
const failed = results.filter(passed => !passed).length;
process.stdout.write(
  `${results.length - failed} passed, ${failed} failed  ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`
);
process.exitCode = failed === 0 ? 0 : 1;
