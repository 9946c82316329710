import { plainTable } from './plain-table.js';

/** What became of a run on one kernel. */
export interface KernelSummary {
  kernel: string;
  /** `attached`, or the code of what refused it. */
  verdict: string;
  /** Instructions that the verifier looked at, of all programs; null where nothing was loaded. */
  verifiedInsns: number | null;
  /** Milliseconds that the kernel took to load the programs; null where nothing was loaded. */
  loadMs: number | null;
  events: string;
  /** First line of what it printed, or the sentence of the refusal. */
  output: string;
}

/** Kernels side by side, a row for each, as aligned text. */
export const kernelTable = (summaries: readonly KernelSummary[]): string =>
  plainTable(
    ['KERNEL', 'VERDICT', 'VERIFIED INSNS', 'LOAD MS', 'EVENTS', 'OUTPUT'],
    summaries.map(({ kernel, verdict, verifiedInsns, loadMs, events, output }) => [
      ...[kernel, verdict, String(verifiedInsns ?? ''), String(loadMs ?? '')],
      ...[events, output]
    ])
  );
