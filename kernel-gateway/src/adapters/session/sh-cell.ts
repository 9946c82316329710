import type { CellOutcome, CellSpec } from '../../core/index.js';
import { beginRun, failRun } from './begin-run.js';
import type { CellContext } from './cell-context.js';
import type { LiveRun } from './live-run.js';
import { placeFile } from './place-file.js';
import { runBeside, runToEnd } from './process-cell.js';
import { readCellStdin } from './read-cell-stdin.js';

/** Longest script that is passed as an argument (Linux: MAX_ARG_STRLEN is 128 KiB); a longer one becomes a file. */
const MAX_ARGUMENT_CHARS = 30_000;

/** `%%sh`: a script in the target. It ends with its cell, or lives beside the next ones with `--bg`. */
export async function runShCell(context: CellContext, spec: Extract<CellSpec, { kind: 'sh' }>): Promise<CellOutcome> {
  const start = { name: 'sh', cell: 'sh', target: spec.options.target, eventLimit: null } as const;
  const run = await beginRun(context, start);
  try {
    const argv = await shellArgv(run, spec.body);
    const hasCard = spec.background;
    const stdin = await readCellStdin(context, spec.stdin);
    const cell = { argv, stdin, what: 'The script', title: 'output', forMs: spec.options.forMs, hasCard };
    return spec.background ? await runBeside(context, run, cell) : await runToEnd(context, run, cell);
  } catch (error) {
    failRun(context, run.id, error);
    throw error;
  }
}

/** Words that run a script by bash on the target; a long one becomes a file there. */
export async function shellArgv(run: LiveRun, body: string): Promise<string[]> {
  if (body.length <= MAX_ARGUMENT_CHARS) {
    return ['bash', '-c', body];
  }
  const bytes = new TextEncoder().encode(body);
  return ['bash', await placeFile(run.connection, { path: `.bpflab/${run.id}.sh`, bytes, mode: 0o755 })];
}
