import type { CellOutcome } from '../core/index.js';
import type { RunRecord } from '../core/session/session-state.js';
import type { WindowCell } from '../core/session/read-window.js';
import type { KernelSummary } from '../core/session/kernel-table.js';
import type { RunOutput, ShownView } from './run-output.js';

/** Takes a run's output for a summary, which is whole when the run has ended. */
export function summarizeKernel(kernel: string): { output: RunOutput; summary: KernelSummary } {
  const summary: KernelSummary = { kernel, verdict: '', verifiedInsns: null, loadMs: null, events: '0', output: '' };
  const take = (text: string): void => {
    const line = text.split('\n').find(one => one.trim() !== '');
    if (line !== undefined && summary.output === '') summary.output = line.trim();
  };
  const takeRow = (view: ShownView, row: readonly WindowCell[] | undefined): void => {
    if (row !== undefined) take(view.columns.map(({ name }, index) => `${name}=${String(row[index])}`).join(' '));
  };
  const output: RunOutput = {
    cellOutput: one => {
      if (one.kind === 'stream' && one.name === 'stdout') take(one.text);
    },
    rows: (view, rows) => takeRow(view, rows[0]),
    skipped: () => undefined,
    map: (view, rows) => takeRow(view, rows[0]),
    started: run => takeRun(summary, run),
    ended: run => (summary.events = String(run.events)),
    outcome: failed => takeFailure(summary, failed)
  };
  return { output, summary };
}

function takeRun(summary: KernelSummary, run: RunRecord): void {
  summary.verdict = 'attached';
  summary.verifiedInsns = run.programs.reduce((sum, program) => sum + program.verified_insns, 0);
  summary.loadMs = Math.round((run.timingUs?.load ?? 0) / 1000);
}

function takeFailure(summary: KernelSummary, { code, message }: Extract<CellOutcome, { kind: 'failed' }>): void {
  summary.verdict = code;
  summary.output = message;
}
