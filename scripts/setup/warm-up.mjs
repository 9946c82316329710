import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashOf, writeFileWhole } from '../../bpf/image/cache.mjs';
import { readInstalledFile } from '../../bpf/image/installed-file.mjs';
import { StepError } from '../../bpf/image/step-error.mjs';
import { checkout, productNode, readStamp } from './checkout.mjs';

const preparation = fileURLToPath(new URL('prepare.mjs', import.meta.url));

/**
 * Prepares header, compiler and template of the virtual machine, and so proves that they work; not again for the same
 * images and the same build. What is removed from the cache after that is made when it is needed.
 *
 * @param {{ progress: import('../../bpf/image/progress.mjs').Progress, cache: string, withVm: boolean }} options
 */
export async function warmUp({ progress, cache, withVm }) {
  const stamp = join(cache, 'checkouts', `${hashOf(checkout)}.prepared`);
  const key = hashOf(readInstalledFile(cache), readStamp('kernel-gateway/lib/.built'), withVm);
  const needed = ['headers', ...(withVm ? ['templates'] : [])];
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key && needed.every(name => existsSync(join(cache, name)))) {
    progress.step('Preparation').cached(withVm ? 'compiler, virtual machine' : 'compiler');
    return;
  }
  await prepare(progress, withVm);
  writeFileWhole(stamp, key);
}

/**
 * Runs prepare.mjs on the product's Node, since it uses the built gateway. It writes one JSON line per change of
 * its steps.
 *
 * @param {import('../../bpf/image/progress.mjs').Progress} progress
 * @param {boolean} withVm
 */
async function prepare(progress, withVm) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', productNode(), preparation, ...(withVm ? ['--vm'] : [])], {
    stdio: ['ignore', 'pipe', 'inherit']
  });
  /** @type {Map<string, import('../../bpf/image/progress.mjs').Step>} */
  const steps = new Map();
  /** @type {StepError | undefined} */
  let failure;
  let rest = '';
  child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) failure ??= apply(JSON.parse(line));
  });
  /** @param {import('./prepare.mjs').Report} report */
  const apply = report => {
    const step = steps.get(report.step) ?? progress.step(report.step);
    steps.set(report.step, step);
    if (report.kind === 'update') step.update(report.text);
    if (report.kind === 'done') step.done(report.text);
    if (report.kind === 'cached') step.cached(report.text);
    if (report.kind !== 'failed') return undefined;
    step.failed();
    const { code, hint, details } = report;
    return new StepError(code, report.text, { hint, details });
  };
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (failure) throw failure;
  if (status !== 0) throw new StepError('BPFLAB_IMAGE_BUILD', `The preparation of the targets ended with ${status}.`);
}
