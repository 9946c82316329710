import type { CellOutcome, CellSpec } from '../../core/index.js';
import { isReleaseOf } from '../../core/language/is-release-of.js';
import { agentSession } from '../../core/nodes/agent-session.js';
import { kernelTable, type KernelSummary } from '../../core/session/kernel-table.js';
import { readWindow, type WindowCell } from '../../core/session/read-window.js';
import { LabError, type ColumnSpec, type WindowRequest } from '../../protocol/index.js';
import { installedReleases } from '../install/installed-releases.js';
import { failedOutcome, type CellContext } from './cell-context.js';
import { SessionCore } from './session-core.js';

type RunningCell = Extract<CellSpec, { options: unknown }>;
type RunCell = (context: CellContext, spec: RunningCell) => Promise<CellOutcome>;

/** A cell that says nothing of its end is watched so long on each kernel. */
const WATCH_MS = 3000;
/** Only the first line is shown. */
const MAX_PRINTED_CHARS = 10_000;
const FIRST_ROW: WindowRequest = { type: 'window', first: 0, count: 1, follow: false, filters: [], paused: false };

/**
 * `--kernel`: runs the cell on one kernel after the other, each in a virtual machine that is there only for it, and shows what became of it
 * in a table that grows. The session's own runs and targets stay. The cell has failed when it ran on none.
 *
 * @throws LabError BPFLAB_CELL_OPTION when a kernel is not installed
 */
export async function compareKernels(context: CellContext, spec: RunningCell, runCell: RunCell): Promise<CellOutcome> {
  const summaries: KernelSummary[] = [];
  let failure: CellOutcome | null = null;
  for (const kernel of chosenKernels(spec.options.kernels ?? [])) {
    const { outcome, summary } = await runOn(context, { kernel, spec, runCell });
    if (outcome.kind === 'interrupted') return outcome;
    if (outcome.kind === 'failed') failure ??= outcome;
    summaries.push(summary);
    show(context, summaries);
  }
  const hasRun = summaries.some(({ verdict }) => verdict === 'attached');
  return hasRun || failure === null ? { kind: 'ok' } : failure;
}

/** Installed releases that are meant, each once, in the order in which programs try them. */
function chosenKernels(names: readonly string[]): string[] {
  const releases = installedReleases();
  const isMeant = (release: string, name: string): boolean => name === 'all' || isReleaseOf(release, name);
  const unknown = names.find(name => !releases.some(release => isMeant(release, name)));
  if (unknown === undefined) return releases.filter(release => names.some(name => isMeant(release, name)));
  throw new LabError('BPFLAB_CELL_OPTION', `No kernel "${unknown}" is installed, only ${releases.join(', ')}.`, {
    hint: 'npx bpflab kernel install adds one; %kernels lists them.'
  });
}

async function runOn(
  { core, cellId, signal }: CellContext,
  { kernel, spec, runCell }: { kernel: string; spec: RunningCell; runCell: RunCell }
): Promise<{ outcome: CellOutcome; summary: KernelSummary }> {
  const own = await coreOn(core, kernel);
  let printed = '';
  own.outputs.setSink(output => {
    const isPrinted = output.kind === 'stream' && output.name === 'stdout';
    if (isPrinted && printed.length < MAX_PRINTED_CHARS) printed += output.text;
  });
  own.dispatch({ op: 'start_cell', cellId });
  try {
    const outcome = await runCell({ core: own, cellId, signal }, onVm(spec)).catch(failedOutcome);
    await own.polls.readAll();
    return { outcome, summary: summaryOf(own, { kernel, outcome, printed }) };
  } finally {
    own.dispatch({ op: 'end_cell', nowMs: own.now() });
    await own.close();
  }
}

/** A session beside this one, with its files and skeletons, on another kernel. */
async function coreOn(core: SessionCore, kernel: string): Promise<SessionCore> {
  const own = new SessionCore({
    ...core.options,
    ...{ id: agentSession(core.options.id, kernel), target: 'vm', kernel, recordFile: null, timings: new Map() },
    // Folder and listeners are those of this session, which goes on.
    onClosing: () => undefined,
    onRefresh: () => undefined,
    onClosed: () => Promise.resolve()
  });
  for (const [name, build] of core.builds) own.builds.set(name, build);
  for (const [path, written] of core.writtenFiles) own.writtenFiles.set(path, written);
  for (const [path, file] of core.targets.files) await own.targets.addFile(path, file);
  return own;
}

function onVm(spec: RunningCell): RunningCell {
  const { forMs, events, wait } = spec.options;
  const watchedMs = events === null && !wait ? WATCH_MS : null;
  const options = { ...spec.options, kernels: null, target: 'vm', forMs: forMs ?? watchedMs };
  return { ...spec, options };
}

function summaryOf(
  core: SessionCore,
  { kernel, outcome, printed }: { kernel: string; outcome: CellOutcome; printed: string }
): KernelSummary {
  const run = [...core.state.runs.values()].at(-1);
  if (outcome.kind === 'failed') {
    const { code, message } = outcome;
    return { kernel, verdict: code, verifiedInsns: null, loadMs: null, events: '0', output: message };
  }
  const programs = run?.programs ?? [];
  const loaded = programs.length > 0;
  return {
    ...{ kernel, verdict: 'attached' },
    verifiedInsns: loaded ? programs.reduce((sum, program) => sum + program.verified_insns, 0) : null,
    loadMs: loaded ? Math.round((run?.timingUs?.load ?? 0) / 1000) : null,
    events: String(run?.events ?? 0),
    output: firstLine(printed) || firstRow(core)
  };
}

const firstLine = (text: string): string =>
  text
    .split('\n')
    .find(line => line.trim() !== '')
    ?.trim() ?? '';

/** The first row of the first view that has one: of events before maps. */
function firstRow(core: SessionCore): string {
  const isEvents = (id: string): boolean => core.state.views.get(id)?.kind === 'events';
  const views = [...core.views].sort(([left], [right]) => Number(isEvents(right)) - Number(isEvents(left)));
  for (const [, { store }] of views) {
    const { message, buffers } = store.window(FIRST_ROW);
    const [row] = readWindow(message, buffers);
    if (row !== undefined) return rowText(store.columns, row);
  }
  return '';
}

/** What the program said, without number and time of the row. */
function rowText(columns: readonly ColumnSpec[], row: readonly WindowCell[]): string {
  const said = columns.flatMap(({ name, role }, index) =>
    role === 'meta' ? [] : [{ name, value: String(row[index]) }]
  );
  const [only, ...others] = said;
  if (only !== undefined && others.length === 0) return only.value;
  return said.map(({ name, value }) => `${name}=${value}`).join(' ');
}

function show({ core, cellId }: CellContext, summaries: readonly KernelSummary[]): void {
  const displayId = `${core.options.id}/kernels/${cellId}/${core.state.nextRun}`;
  const data = { 'text/plain': kernelTable(summaries) };
  core.outputs.show({ kind: 'display', displayId, data, update: summaries.length > 1 });
}
