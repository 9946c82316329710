import type { CellOutcome, CellSpec } from '../../core/index.js';
import { parseBpftraceLine, type BpftraceMap } from '../../core/session/bpftrace-output.js';
import { restrictScript, SCRIPT_FILTER_MAP } from '../../core/pod-filter/restrict-script.js';
import { TableStore } from '../../core/session/table-store.js';
import { LabError } from '../../protocol/index.js';
import { beginRun, failRun } from './begin-run.js';
import { say, type CellContext } from './cell-context.js';
import { waitForEnd } from './finish-cell.js';
import type { LiveRun } from './live-run.js';
import { needOneNode } from './need-one-node.js';
import { placeFile } from './place-file.js';
import { exitText, interruptProcess } from './process-cell.js';
import type { ProcessExit } from './process-events.js';
import { restrictProcess } from './restrict-process.js';
import { targetOfPods, type RestrictedRun } from './restrict-to-pods.js';
import { runProcess, type LiveProcess } from './run-process.js';
import type { SessionCore } from './session-core.js';
import { openTextView, type TextView } from './text-view.js';

type BpftraceSpec = Extract<CellSpec, { kind: 'bpftrace' }>;

/** Printing its maps at the end takes bpftrace a while on a translated guest. */
const PRINT_PATIENCE_MS = 6000;
const MAX_LINE_CHARS = 4 * 1024 * 1024;

/**
 * `%%bpftrace`: runs the script; the cell is done when its probes are attached. printf and its kin are a view of text, each
 * map is a view when bpftrace first prints it (at the latest at the end of the run, which is Ctrl-C to it).
 */
export async function runBpftraceCell(context: CellContext, spec: BpftraceSpec): Promise<CellOutcome> {
  const { core, signal } = context;
  const { options } = spec;
  const named = core.targets.nameFor(options.target);
  const target = options.pods === null ? named : await targetOfPods(context, options.pods, named);
  const loadsItself = { open: options.pods === null ? null : [] };
  const start = { name: spec.name, cell: 'bpftrace', target, eventLimit: options.events, loadsItself } as const;
  const run = await beginRun(context, start);
  try {
    needOneNode(run.connection, ['A bpftrace script runs', 'what it prints of its maps cannot be added up']);
    const bytes = new TextEncoder().encode(await restricted({ context, run }, spec));
    const script = await placeFile(run.connection, { path: `.bpflab/${run.id}.bt`, bytes, mode: 0o644 });
    const command = core.options.labCommand(target, 'bpftrace');
    const started = await startScript(core, run, [...command, '-f', 'json', script, ...spec.args]);
    const first = await Promise.race([started.attached, started.process.exited, aborted(signal)]);
    if (first === 'aborted') {
      throw new LabError('BPFLAB_CELL_INTERRUPTED', 'The cell was interrupted.');
    }
    if (first !== 'attached' && first.status !== 0) {
      return refused(context, run, first, started.errors());
    }
    const endsAtMs = options.forMs === null ? null : core.now() + options.forMs;
    core.dispatch({ op: 'attach_run', run: run.id, endsAtMs, nowMs: core.now(), hasCard: true });
    say(context, started.errors(), 'stderr');
    void started.process.exited.then(exit => core.stop(run.id, exitText(exit)));
    const isWaiting = options.wait || options.forMs !== null || options.events !== null;
    return isWaiting ? await waitForEnd(context, run.id) : { kind: 'ok' };
  } catch (error) {
    failRun(context, run.id, error);
    throw error;
  }
}

/** The script, with a filter before its probes where pods are chosen. */
async function restricted(where: RestrictedRun, { body, options }: BpftraceSpec): Promise<string> {
  if (options.pods === null) {
    return body;
  }
  // A script that cannot be restricted is refused before anything is followed.
  const { open } = restrictScript(body, []);
  // bpftrace's name for "@" in names that the kernel sees.
  const map = SCRIPT_FILTER_MAP.replace('@', 'AT_');
  return restrictScript(body, await restrictProcess(where, options.pods, { map, open })).text;
}

interface StartedScript {
  process: LiveProcess;
  attached: Promise<'attached'>;
  /** What it has said on stderr so far. */
  errors(): string;
}

async function startScript(core: SessionCore, run: LiveRun, argv: string[]): Promise<StartedScript> {
  const text = openTextView(core, { run: run.id, title: 'output' });
  const views = new MapViews(core, run.id);
  const decoder = new TextDecoder();
  const errors: string[] = [];
  let rest = '';
  let markAttached: (value: 'attached') => void = () => undefined;
  const attached = new Promise<'attached'>(resolve => (markAttached = resolve));
  const process = await runProcess(core, {
    run,
    argv,
    stdin: new Uint8Array(0),
    onStdout: bytes => {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = (lines.pop() ?? '').slice(-MAX_LINE_CHARS);
      for (const line of lines) {
        takeLine(line, { text, views, markAttached: () => markAttached('attached') });
      }
    },
    onStderr: bytes => errors.push(Buffer.from(bytes).toString('utf8'))
  });
  run.beforeStop = () => interruptProcess(run, process, PRINT_PATIENCE_MS);
  void process.exited.then(() => text.end());
  return { process, attached, errors: () => errors.join('') };
}

function takeLine(line: string, to: { text: TextView; views: MapViews; markAttached: () => void }): void {
  if (line === '') {
    return;
  }
  const parsed = parseBpftraceLine(line);
  switch (parsed.kind) {
    case 'attached':
      return to.markAttached();
    case 'text':
      return to.text.write(new TextEncoder().encode(parsed.text));
    case 'maps':
      return parsed.maps.forEach(map => to.views.show(map));
  }
}

function refused(context: CellContext, run: LiveRun, exit: ProcessExit, errors: string): CellOutcome {
  say(context, errors, 'stderr');
  const cause = errors.split('\n').find(line => /error/i.test(line)) ?? exitText(exit);
  const error = new LabError('BPFLAB_CELL_COMMAND_FAILED', `bpftrace refused the script — ${cause.trim()}.`);
  failRun(context, run.id, error);
  return { kind: 'failed', code: error.code, message: error.message, hint: error.hint, details: errors };
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise(resolve => {
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
    if (signal.aborted) {
      resolve('aborted');
    }
  });
}

/** The maps that a script has printed, a view for each. */
class MapViews {
  readonly #core: SessionCore;
  readonly #run: string;
  readonly #stores = new Map<string, TableStore>();

  constructor(core: SessionCore, run: string) {
    this.#core = core;
    this.#run = run;
  }

  show(map: BpftraceMap): void {
    if (map.name === SCRIPT_FILTER_MAP) {
      return;
    }
    const id = `${this.#run}.${map.name}`;
    const known = this.#stores.get(map.name);
    const store = known ?? new TableStore(map.columns);
    store.replace(map.rows, map.histograms);
    if (known === undefined) {
      this.#stores.set(map.name, store);
      const kind = map.histograms === null ? 'map' : 'histogram';
      this.#core.openView(
        { id, run: this.#run, kind, title: map.name, isPolled: false },
        { store, notes: [], alternatives: kind === 'map' ? [] : ['map'], source: map.name, refresh: null }
      );
    }
    this.#core.viewChanged(id);
  }
}
