import { Mime, type RunBundle, type RunNode } from '../../protocol/index.js';
import type { RunRecord } from './session-state.js';

/** The program card of a run, as front ends draw it. */
export function runBundle(session: string, run: RunRecord): RunBundle {
  return {
    version: 1,
    run: run.id,
    session,
    name: run.name,
    cell: run.cell,
    state: run.state,
    reason: run.reason,
    target: run.target,
    kernel_release: run.kernelRelease,
    programs: run.programs,
    ...(run.nodes.length === 0 ? {} : { nodes: run.nodes }),
    timing_us: run.timingUs,
    views: run.views,
    added: run.added
  };
}

/** The card as a MIME bundle with its text. */
export function runDisplay(session: string, run: RunRecord): Record<string, unknown> {
  return { [Mime.run]: runBundle(session, run), 'text/plain': runText(run) };
}

/** One line for the run and one for each program, as the file shows it where nothing is live. */
export function runText(run: RunRecord): string {
  const where = run.kernelRelease === '' ? run.target : `${run.target}, Linux ${run.kernelRelease}`;
  const lines = [`${run.id}: ${stateText(run)} (${where})`];
  for (const program of run.programs) {
    const calls = program.run_count === '0' ? '' : `, ran ${program.run_count} times, ${averageNs(program)} ns each`;
    const target = program.attached_to === '' ? '' : ` → ${program.attached_to}`;
    lines.push(`  ${program.name} (${program.section})${target}${calls}`);
  }
  return [...lines, ...run.nodes.map(nodeText)].join('\n');
}

function nodeText({ node, state, message, kernel_release: release, events, lost }: RunNode): string {
  const counts = `${events} events${lost === '0' ? '' : `, ${lost} lost`}${message === '' ? '' : `; ${message}`}`;
  const what = state === 'running' ? counts : `${state}: ${message}`;
  return `  node ${node}${release === '' ? '' : ` (Linux ${release})`}: ${what}`;
}

function stateText(run: RunRecord): string {
  if (run.state === 'attached') {
    const isLoadedOnly = run.cell === 'bpf' && run.programs.every(program => program.attached_to === '');
    return run.cell !== 'bpf' ? 'running' : isLoadedOnly ? 'loaded' : 'attached';
  }
  return run.reason === '' ? run.state : `${run.state}, ${run.reason}`;
}

function averageNs(program: RunRecord['programs'][number]): bigint {
  const count = BigInt(program.run_count);
  return count === 0n ? 0n : BigInt(program.run_time_ns) / count;
}
