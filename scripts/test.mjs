/**
 * `npm test`: sets up what is missing, then runs every check and test, and ends with "N passed, N failed".
 * `--full` adds the long tests; `--only NAME,…` runs some of the parts (check, unit, house, agent, integration, e2e, full).
 * A test that needs what the machine lacks is skipped, unless BPFLAB_REQUIRE (vm,bpf,chromium,python) names it: then it fails.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Progress } from '../bpf/image/progress.mjs';
import { runAgentTests } from './setup/agent-tests.mjs';
import { checkout, productNode } from './setup/checkout.mjs';
import { reportFailure } from './setup/report-failure.mjs';
import { setUp } from './setup/set-up.mjs';
import { provideTestNeeds } from './setup/test-needs.mjs';

/** @typedef {{ name: string, passed: number, failed: number, skipped: number, failures?: string[] }} Result */

/** Commands of package.json that pass or fail as a whole, in the order of `npm run check`. */
const checks = ['typecheck', 'lint', 'lint:types', 'format:check', 'style', 'deps', 'unused'];

/**
 * Runs a command with its output shown: at once, or whole at its end where two run beside each other.
 *
 * @param {string} command
 * @param {string[]} parameters
 * @param {boolean} [atEnd]
 * @returns {Promise<number>} exit status
 */
function run(command, parameters, atEnd = false) {
  const path = `${join(checkout, 'node_modules/.bin')}:${process.env['PATH']}:/usr/sbin:/sbin`;
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...parameters], {
    cwd: checkout,
    stdio: ['ignore', atEnd ? 'pipe' : 'inherit', 'inherit'],
    env: { ...process.env, PATH: path }
  });
  let held = '';
  child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ part) => (held += part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', status => {
      process.stdout.write(held);
      resolve(status ?? 1);
    });
  });
}

/**
 * @param {string} name - of a command in package.json
 * @returns {Promise<Result>}
 */
async function check(name) {
  const failed = (await run('npm', ['run', '--silent', name])) === 0 ? 0 : 1;
  return { name, passed: 1 - failed, failed, skipped: 0 };
}

/**
 * @param {string} name - of a vitest project
 * @param {string} folder - for the report
 * @param {boolean} [atEnd] - when its output is shown
 * @returns {Promise<Result>}
 */
async function vitest(name, folder, atEnd) {
  const file = join(folder, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const parameters = ['node_modules/vitest/vitest.mjs', 'run', '--project', name, '--passWithNoTests', ...reporters];
  const status = await run(productNode(), parameters, atEnd);
  return { name, ...countTests(file, status) };
}

/**
 * @param {string} file - vitest's JSON report
 * @param {number} status
 */
function countTests(file, status) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    // A file that could not be loaded has no tests to count, and is a failure all the same.
    const broken = report.testResults.filter(
      (/** @type {{ status: string, assertionResults: unknown[] }} */ result) =>
        result.status === 'failed' && result.assertionResults.length === 0
    ).length;
    const failed = report.numFailedTests + broken;
    return {
      passed: report.numPassedTests,
      failed: failed === 0 && status !== 0 ? 1 : failed,
      skipped: report.numPendingTests,
      failures: report.testResults.flatMap(failuresOf)
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/**
 * What failed in a file, a line each: it is said again at the end, as the report is thousands of lines above by then.
 *
 * @param {{ name: string, status: string, message: string, assertionResults: { fullName: string, status: string, failureMessages: string[] }[] }} result
 */
function failuresOf({ name, status, message, assertionResults }) {
  const failed = assertionResults.filter(test => test.status === 'failed');
  const tests = failed.map(({ fullName, failureMessages }) => ({ test: fullName, cause: failureMessages[0] ?? '' }));
  if (tests.length === 0 && status === 'failed') tests.push({ test: 'was not run', cause: message });
  const file = relative(checkout, name);
  return tests.map(({ test, cause }) => `${file}: ${test}: ${cause.trim().split('\n', 1)[0]}`);
}

/**
 * @param {{ full: boolean, only: string[] | null }} options
 * @returns {Promise<Result[]>}
 */
async function runAll({ full, only }) {
  const wanted = (/** @type {string} */ part) => only === null || only.includes(part);
  const folder = mkdtempSync(join(tmpdir(), 'bpflab-test-'));
  /** @type {(names: string[], work: (name: string) => Promise<Result>) => Promise<Result[]>} */
  const inOrder = async (names, work) => {
    const results = [];
    for (const name of names) results.push(await work(name));
    return results;
  };
  const vitests = (/** @type {string[]} */ names, atEnd = false) =>
    inOrder(names.filter(wanted), name => vitest(name, folder, atEnd));
  try {
    // Two lanes, which mostly wait for their guests. Only the second uses this machine's kernel, whose inventory it takes:
    // the browser's programs run in guests.
    const lanes = await Promise.all([
      inOrder(wanted('check') ? checks : [], check).then(async done => [
        ...done,
        ...(await vitests(['unit', 'house'])),
        ...(await vitests(['e2e'], true))
      ]),
      inOrder(['agent'].filter(wanted), () => runAgentTests({ full })).then(async done => [
        ...done,
        ...(await vitests(['integration']))
      ])
    ]);
    return [...lanes.flat(), ...(await vitests(full ? ['full'] : []))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Result[]} results */
function summarize(results) {
  const sum = (/** @type {'passed' | 'failed' | 'skipped'} */ key) => results.reduce((all, part) => all + part[key], 0);
  for (const { name, passed, failed, skipped } of results) {
    const more = skipped > 0 ? `, ${skipped} skipped` : '';
    process.stdout.write(`${name.padEnd(14)} ${passed} passed, ${failed} failed${more}\n`);
  }
  for (const { failures = [] } of results) for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`);
  return sum('failed') === 0 ? 0 : 1;
}

const { values } = parseArgs({ options: { full: { type: 'boolean' }, only: { type: 'string' } } });
const progress = new Progress();
try {
  await provideTestNeeds(progress);
  await setUp({ progress });
  progress.close();
  const results = await runAll({ full: values.full ?? false, only: values.only?.split(',') ?? null });
  process.exitCode = summarize(results);
} catch (error) {
  progress.close();
  reportFailure(error);
  process.stdout.write('0 passed, 1 failed\n');
  process.exitCode = 1;
}
process.exit();
