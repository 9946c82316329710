import { basename, dirname } from 'node:path';
import type { CellOutcome, CellOutput } from '../../core/index.js';
import { appScript, heldScript, readAppReport } from '../../core/lesson-runs/app-script.js';
import type { LessonProgram } from '../../core/lesson-runs/lesson-program.js';
import type { Surroundings } from '../../core/lesson-runs/surroundings.js';
import { surroundingsOf } from '../../core/lesson-runs/surroundings-of.js';
import { Mime } from '../../protocol/index.js';
import { exitText } from '../session/process-cell.js';
import type { CellSession } from './interruptible.js';
import { cellName, goalsOf, kernelText, type BuiltProgram } from './lesson-builds.js';

/** What was seen of a program that was run. */
export interface SeenRun {
  attached: boolean;
  output: string;
  left: string[];
  /** Why it did not run, one clause; empty when it did. */
  reason: string;
}

/** It is over as soon as the line is there; a busy machine takes longer than a quiet one. */
const PROMISE_SECONDS = 40;
/** bcc's compiler on a translated guest. */
const COMPILE_MS = 300_000;
const REST_SECONDS = 3;
const LEFT_TRIES = 6;
/** What an empty view says of itself. */
const NOTHING = 'nothing yet';
const SILENT = 'it said nothing';
const NOT_SEEN = 'its promised output was not seen';

/** Runs a program in its surroundings, on the session's target, which is nobody else's. */
export function runLesson(session: CellSession, built: BuiltProgram): Promise<SeenRun> {
  return built.program.form === 'app' ? runApp(session, built) : runCells(session, built);
}

/** The folder that a notebook of the lesson would be in, for `%%make`. */
export const notebookOf = (built: BuiltProgram): { root: string; path: string } => ({
  root: dirname(built.program.folder),
  path: 'lesson.ipynb'
});

async function runApp(session: CellSession, { program }: BuiltProgram): Promise<SeenRun> {
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
  // Of the verifier's own words those that say more than a number of libbpf's.
  const gaveUp = (line: string): boolean =>
    /^(The sequence of \d+ jumps is too complex|BPF program is too large)/.test(line);
  const isOwn = (line: string): boolean => line !== '' && !line.startsWith('libbpf: ');
  const line = lines.find(gaveUp) ?? lines.find(isFailure) ?? lines.filter(isOwn).at(-1);
  return line?.slice(0, 240) ?? (status > 128 ? NOT_SEEN : `it ended with status ${status}`);
}

interface Executed {
  outcome: CellOutcome;
  text: string;
}

function causeOf({ outcome, text }: Executed): string {
  if (outcome.kind === 'failed') return outcome.message;
  return lastLine(text) || SILENT;
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 240) ?? '';

async function execute(session: CellSession, text: string, shown?: Shown): Promise<Executed> {
  const parts: string[] = [];
  const outcome = await session.execute({ text, cellId: '' }, output => {
    if (output.kind === 'stream') parts.push(output.text);
    shown?.take(output);
  });
  return { outcome, text: parts.join('') };
}

/** What the cells and views of a run show, a text each: the first line of a view is its title. */
class Shown {
  readonly #texts = new Map<string, string>();

  take(output: CellOutput): void {
    if (output.kind !== 'display' || !(Mime.view in output.data)) return;
    const text = output.data['text/plain'];
    if (typeof text === 'string') this.#texts.set(output.displayId, text);
  }

  /** What a cell printed itself. */
  say(text: string): void {
    this.#texts.set('', `\n${text}`);
  }

  /** A line that was promised; empty when there is none. */
  lineOf(promise: RegExp): string {
    const lines = this.#lines();
    return (
      lines
        .find(text => promise.test(text))
        ?.trim()
        .slice(0, 300) ?? ''
    );
  }

  /** What was said last: of an error, what it is. */
  lastLine(): string {
    return lastLine(this.#lines().join('\n'));
  }

  #lines(): string[] {
    return [...this.#texts.values()].flatMap(text => text.split('\n').slice(1)).filter(text => text !== NOTHING);
  }
}

async function runCells(session: CellSession, { program }: BuiltProgram): Promise<SeenRun> {
  const surroundings = surroundingsOf(program.lesson, program.name);
  const shown = new Shown();
  session.onOutput(output => shown.take(output));
  const before = await held(session, shown);
  const { said, refused } = await startCells(session, program, { surroundings, shown });
  if (refused !== null) return { attached: false, output: '', left: [], reason: refused };
  const promise = new RegExp(surroundings.promises, 'm');
  const isList = isListing(program);
  // What the cell of a script says itself are warnings; a command that only lists probes has done all that there is to do.
  if (isList) shown.say(said);
  const id = program.form === 'kernel' || isList ? null : session.runs().at(-1)?.id;
  const attached = await watchProgram(session, id, { before, shown, promise, surroundings });
  await execute(session, '%stop', shown);
  // bpftrace prints its maps at the end.
  const output = shown.lineOf(promise);
  if (surroundings.teardown !== undefined) await execute(session, `%%sh\n${surroundings.teardown}`, shown);
  const left = await leftOver(session, before, shown);
  if (attached) return { attached, output, left, reason: output === '' ? NOT_SEEN : '' };
  return { attached, output, left, reason: lastLine(said) || shown.lastLine() || SILENT };
}

const isListing = ({ cells }: LessonProgram): boolean => cells?.at(-1)?.startsWith('%%sh') === true;

/** Makes traffic until the promise is kept; whether the program is attached. `id`: the run of a script; null: it has none. */
async function watchProgram(
  session: CellSession,
  id: string | null | undefined,
  watch: { before: ReadonlySet<string>; shown: Shown; promise: RegExp; surroundings: Surroundings }
): Promise<boolean> {
  if (id !== null && !(await isAttached(session, id, watch))) return false;
  await waitForPromise(session, watch.surroundings, watch);
  return id === null || endOf(session, id) !== 'failed';
}

/** Sets up what the program is run in, and starts it. `refused`: why it did not start, a clause. */
async function startCells(
  session: CellSession,
  program: LessonProgram,
  { surroundings, shown }: { surroundings: Surroundings; shown: Shown }
): Promise<{ said: string; refused: string | null }> {
  const { setup, victim } = surroundings;
  if (victim !== undefined) {
    const made = await execute(session, `%%make ${basename(program.folder)}/${victim}`, shown);
    if (made.outcome.kind === 'failed') return { said: '', refused: causeOf(made) };
  }
  if (setup !== undefined) await execute(session, `%%sh\n${setup}`, shown);
  let said = '';
  for (const cell of await cellsOf(program, surroundings)) {
    const executed = await execute(session, cell, shown);
    said = executed.text;
    if (executed.outcome.kind !== 'ok') return { said, refused: causeOf(executed) };
  }
  return { said, refused: null };
}

/** The cells of a program, its own last; a bcc program runs beside those that make its traffic. */
async function cellsOf(
  program: LessonProgram,
  { start = '', fill }: Pick<Surroundings, 'start' | 'fill'>
): Promise<string[]> {
  if (program.form !== 'script') {
    return [`%%bpf ${cellName(program)} --pristine ${start}\n${await kernelText(program)}`];
  }
  const words = start === '' ? '' : ` -- ${start}`;
  return (program.cells ?? []).map(cell => {
    const at = cell.indexOf('\n');
    const text = fill === undefined ? cell.slice(at) : cell.slice(at).replace(fill.place, fill.text);
    const head = cell.slice(0, at);
    return /^%%bcc/.test(head)
      ? `${head} --bg${words}${text}`
      : `${head}${/^%%bpftrace/.test(head) ? words : ''}${text}`;
  });
}

/** Whether the kernel has programs of the script, which bcc compiles first, or has had them when it went through to its end. */
async function isAttached(
  session: CellSession,
  id: string | undefined,
  { before, shown }: { before: ReadonlySet<string>; shown: Shown }
): Promise<boolean> {
  const endMs = performance.now() + COMPILE_MS;
  while (performance.now() < endMs) {
    const isHeld = [...(await held(session, shown))].some(line => !before.has(line));
    const end = endOf(session, id);
    if (end !== null) return end === 'well';
    if (isHeld) return true;
    // The guest's one processor is for the compiler.
    await execute(session, `%%sh\nsleep ${REST_SECONDS}`, shown);
  }
  return false;
}

/** How a run came to its end; null while it goes on. */
function endOf(session: CellSession, id: string | undefined): 'well' | 'failed' | null {
  const run = session.runs().find(one => one.id === id);
  if (run?.state === 'starting' || run?.state === 'attached') return null;
  return run?.state === 'stopped' && run.reason === exitText({ status: 0, signal: null }) ? 'well' : 'failed';
}

async function waitForPromise(
  session: CellSession,
  { traffic = ':', patienceSeconds = PROMISE_SECONDS }: Surroundings,
  { shown, promise }: { shown: Shown; promise: RegExp }
): Promise<void> {
  const endMs = performance.now() + patienceSeconds * 1000;
  while (performance.now() < endMs) {
    await execute(session, `%%sh\n${traffic}\ntrue`, shown);
    await execute(session, '%maps', shown);
    if (shown.lineOf(promise) !== '') return;
  }
}

async function held(session: CellSession, shown: Shown): Promise<Set<string>> {
  const { text } = await execute(session, `%%sh\n${heldScript}`, shown);
  return new Set(text.split('\n').filter(line => line !== ''));
}

/** What is held that was not: the kernel frees some of it a moment after its last user. */
async function leftOver(session: CellSession, before: ReadonlySet<string>, shown: Shown): Promise<string[]> {
  let left: string[] = [];
  for (let tried = 0; tried < LEFT_TRIES; tried++) {
    left = [...(await held(session, shown))].filter(line => !before.has(line));
    if (left.length === 0) break;
  }
  return left;
}
