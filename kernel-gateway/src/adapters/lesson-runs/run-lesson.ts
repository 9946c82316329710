import { basename, dirname } from 'node:path';
import type { CellOutcome, CellOutput } from '../../core/index.js';
import { appScript, heldScript, readAppReport } from '../../core/lesson-runs/app-script.js';
import { surroundingsOf } from '../../core/lesson-runs/surroundings-of.js';
import { Mime } from '../../protocol/index.js';
import type { LabSession } from '../session/lab-session.js';
import { cellName, goalsOf, kernelText, type BuiltProgram } from './lesson-builds.js';

/** What was seen of a program that was run. */
export interface SeenRun {
  attached: boolean;
  output: string;
  left: string[];
  /** Why it did not run, one clause; empty when it did. */
  reason: string;
}

const PROMISE_MS = 15_000;
const LEFT_TRIES = 6;
const NOT_SEEN = 'its promised output was not seen';

/** Runs a program in its surroundings, on the session's target, which is nobody else's. */
export function runLesson(session: LabSession, built: BuiltProgram): Promise<SeenRun> {
  return built.program.form === 'app' ? runApp(session, built) : runKernelSide(session, built);
}

/** The folder that a notebook of the lesson would be in, for `%%make`. */
export const notebookOf = (built: BuiltProgram): { root: string; path: string } => ({
  root: dirname(built.program.folder),
  path: 'lesson.ipynb'
});

async function runApp(session: LabSession, { program }: BuiltProgram): Promise<SeenRun> {
  const surroundings = surroundingsOf(program.lesson, program.name);
  const head = `%%make ${basename(program.folder)} -- ${goalsOf(program).join(' ')}`;
  const cell = await execute(session, `${head}\n${appScript(surroundings)}`);
  const report = readAppReport(cell.text.slice(cell.text.indexOf('@@')));
  if (report === null) return { attached: false, output: '', left: [], reason: causeOf(cell) };
  const { kept, left } = report;
  const attached = report.attached || (surroundings.ends === true && kept !== '');
  const reason = kept === '' ? clause(report.output, report.status) : '';
  return { attached, output: kept, left, reason };
}

/** The first line of a program's own words that sounds like a failure. */
function clause(output: string, status: number): string {
  const lines = output.split('\n').map(line => line.trim());
  const isFailure = (line: string): boolean =>
    /error|fail|cannot|not found|denied|invalid|No such|refused|unknown/i.test(line) &&
    !/failed to find kernel BTF|BPF token|skipping optional/.test(line);
  const isOwn = (line: string): boolean => line !== '' && !line.startsWith('libbpf: ');
  const line = lines.find(isFailure) ?? lines.filter(isOwn).at(-1);
  return line?.slice(0, 240) ?? (status > 128 ? NOT_SEEN : `it ended with status ${status}`);
}

interface Executed {
  outcome: CellOutcome;
  text: string;
}

function causeOf({ outcome, text }: Executed): string {
  if (outcome.kind === 'failed') return outcome.message;
  return text.trim().split('\n').at(-1)?.slice(0, 240) ?? 'it said nothing';
}

async function execute(session: LabSession, text: string, onOutput?: (output: CellOutput) => void): Promise<Executed> {
  const parts: string[] = [];
  const outcome = await session.execute({ text, cellId: '' }, output => {
    if (output.kind === 'stream') parts.push(output.text);
    onOutput?.(output);
  });
  return { outcome, text: parts.join('') };
}

async function runKernelSide(session: LabSession, { program }: BuiltProgram): Promise<SeenRun> {
  const { setup, start = '', traffic = ':', promises, teardown, victim } = surroundingsOf(program.lesson, program.name);
  const promise = new RegExp(promises, 'm');
  const displays = new Map<string, string>();
  const take = (output: CellOutput): void => {
    if (output.kind !== 'display' || !(Mime.view in output.data)) return;
    const text = output.data['text/plain'];
    if (typeof text === 'string') displays.set(output.displayId, text);
  };
  session.onOutput(take);
  const before = await held(session);
  const place = victim === undefined ? '%%sh' : `%%make ${basename(program.folder)}/${victim}`;
  const made = setup === undefined ? null : await execute(session, `${place}\n${setup}`, take);
  if (victim !== undefined && made?.outcome.kind === 'failed') {
    return { attached: false, output: '', left: [], reason: causeOf(made) };
  }
  const head = `%%bpf ${cellName(program)} --pristine ${start}`;
  const cell = await execute(session, `${head}\n${await kernelText(program)}`, take);
  if (cell.outcome.kind !== 'ok') {
    return { attached: false, output: '', left: [], reason: causeOf(cell) };
  }
  const kept = await waitForPromise(session, { traffic, promise, displays, take });
  await execute(session, '%stop', take);
  if (teardown !== undefined) await execute(session, `%%sh\n${teardown}`, take);
  const left = await leftOver(session, before);
  return { attached: true, output: kept, left, reason: kept === '' ? NOT_SEEN : '' };
}

async function waitForPromise(
  session: LabSession,
  watch: { traffic: string; promise: RegExp; displays: Map<string, string>; take: (output: CellOutput) => void }
): Promise<string> {
  const endMs = performance.now() + PROMISE_MS;
  while (performance.now() < endMs) {
    await execute(session, `%%sh\n${watch.traffic}\ntrue`, watch.take);
    await execute(session, '%maps', watch.take);
    const lines = [...watch.displays.values()].flatMap(text => text.split('\n').slice(1));
    const line = lines.find(text => watch.promise.test(text));
    if (line !== undefined) return line.trim().slice(0, 300);
  }
  return '';
}

async function held(session: LabSession): Promise<Set<string>> {
  const { text } = await execute(session, `%%sh\n${heldScript}`);
  return new Set(text.split('\n').filter(line => line !== ''));
}

/** What is held that was not: the kernel frees some of it a moment after its last user. */
async function leftOver(session: LabSession, before: ReadonlySet<string>): Promise<string[]> {
  let left: string[] = [];
  for (let tried = 0; tried < LEFT_TRIES; tried++) {
    left = [...(await held(session))].filter(line => !before.has(line));
    if (left.length === 0) break;
  }
  return left;
}
