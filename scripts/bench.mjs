/** `npm run bench [-- --only restore,ring --rounds 9 --quick --json FILE]`: speed and memory, ours against by hand. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { parseArgs } from 'node:util';
import { Progress } from '../bpf/image/progress.mjs';
import { StepError } from '../bpf/image/step-error.mjs';
import { productNode } from './setup/checkout.mjs';
import { reportFailure } from './setup/report-failure.mjs';
import { setUpCommandLine } from './setup/set-up.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '9' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    inner: { type: 'boolean', default: false }
  }
});

async function outer() {
  const progress = new Progress(process.stderr, { quietWhenCached: true });
  await setUpCommandLine({ progress });
  progress.close();
  const words = [import.meta.filename, '--inner', ...process.argv.slice(2)];
  return spawnSync(productNode(), words, { stdio: 'inherit' }).status ?? 1;
}

async function inner() {
  const { partNames, runBench } = await import('../test/bench/bench.mjs');
  const { tableText } = await import('../test/bench/figures.mjs');
  const only = values.only === undefined ? [] : values.only.split(',');
  const unknown = only.filter(name => !partNames.includes(name));
  if (unknown.length > 0)
    throw new StepError('BPFLAB_CONFIG_OPTION', `There is no part "${unknown[0]}"; there are ${partNames.join(', ')}.`);
  const say = (/** @type {string} */ text) => process.stderr.write(`… ${text}\n`);
  const machine = { kernel: release(), cpu: cpus()[0]?.model ?? '', cpus: cpus().length, load: loadavg() };
  const rows = await runBench({ only, rounds: Number(values.rounds), quick: values.quick, say });
  process.stdout.write(
    `${machine.cpus} × ${machine.cpu}, kernel ${machine.kernel}, load ${machine.load[0]?.toFixed(1)}\n\n${tableText(rows)}\n`
  );
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ version: 1, machine, rows }, null, 2)}\n`);
  return rows.every(row => row.met !== false) ? 0 : 1;
}

try {
  process.exitCode = await (values.inner ? inner() : outer());
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
process.exit();
