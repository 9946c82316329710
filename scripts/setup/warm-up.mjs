import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StepError } from '../../bpf/image/step-error.mjs';
import { productNode } from './checkout.mjs';

const preparation = fileURLToPath(new URL('prepare.mjs', import.meta.url));

/**
 * Runs prepare.mjs on the product's Node, since it uses the built gateway: headers of the kernel, and the template of
 * the virtual machine. It writes one JSON line per change of its steps.
 *
 * @param {{ progress: import('../../bpf/image/progress.mjs').Progress, withVm: boolean }} options
 */
export async function warmUp({ progress, withVm }) {
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
