import { kernelTable, type KernelSummary } from '../core/session/kernel-table.js';
import { ExitStatus } from './exit-status.js';
import { summarizeKernel } from './kernel-summary.js';
import type { RunOutput } from './run-output.js';

/**
 * `--kernel all`: the same run on one kernel after the other, and a table that compares them; with `isJson`, one object a line.
 * Resolves with the status of the first that failed, 0 when none did.
 */
export async function runOnKernels(
  kernels: readonly string[],
  { isJson, signal }: { isJson: boolean; signal: AbortSignal },
  run: (kernel: string, output: RunOutput) => Promise<number>
): Promise<number> {
  const summaries: KernelSummary[] = [];
  let status: number = ExitStatus.ok;
  for (const kernel of kernels) {
    if (signal.aborted) break;
    const { output, summary } = summarizeKernel(kernel);
    const own = await run(kernel, output);
    status ||= own;
    summaries.push(summary);
    // Ctrl-C is for all of it.
    if (own === ExitStatus.interrupted) break;
    if (isJson) process.stdout.write(`${JSON.stringify({ type: 'kernel', ...wireOf(summary) })}\n`);
  }
  if (!isJson) process.stdout.write(`${kernelTable(summaries)}\n`);
  return status;
}

const wireOf = ({ verifiedInsns, loadMs, ...summary }: KernelSummary): Record<string, unknown> => ({
  ...summary,
  verified_insns: verifiedInsns,
  load_ms: loadMs
});
