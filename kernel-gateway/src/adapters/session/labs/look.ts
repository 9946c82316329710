import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { sessionPath } from '../../../core/cells/session-path.js';
import { judgePrograms, judgeRows, judgeText, type Judgement } from '../../../core/labs/judge-check.js';
import { isLive } from '../../../core/session/session-state.js';
import { LabError, type InspectProgram, type LabCheck, type ViewKind } from '../../../protocol/index.js';
import { openRows } from '../open-rows.js';
import { readTargetFile } from '../read-target-file.js';
import type { SessionCore } from '../session-core.js';
import { readInventory } from '../inspector/read-inventory.js';
import { runQuietly } from './run-quietly.js';

const MAX_FILE_BYTES = 256 * 1024;
const EVENT_KINDS: readonly ViewKind[] = ['events', 'printk'];

/** How a cell of the lab ended when it ran last: `ok` or an error code, and the text that it showed. */
export interface CellEnd {
  ended: string;
  text: string;
}

/** Whether a check may take long: it executes a command. */
export const isSlow = (check: LabCheck): boolean => 'command' in check;

/** Looks at the state of a session for one check; what is not there is an answer, not an error. */
export async function look(core: SessionCore, check: LabCheck, ends: ReadonlyMap<string, CellEnd>): Promise<Judgement> {
  try {
    return await judge(core, check, ends);
  } catch (error) {
    if (error instanceof LabError && error.code === 'BPFLAB_VIEW_FILTER') {
      return { passed: false, seen: { kind: 'bad-expression', message: error.message } };
    }
    if (error instanceof LabError) return { passed: false, seen: { kind: 'text', text: error.message } };
    throw error;
  }
}

async function judge(core: SessionCore, check: LabCheck, ends: ReadonlyMap<string, CellEnd>): Promise<Judgement> {
  if ('output' in check) return judgeOutput(check.output, ends);
  const connection = core.targets.current(core.state.target.name);
  if (connection === null) return { passed: false, seen: { kind: 'no-target' } };
  if ('program' in check) {
    const { programs } = await readInventory(core, connection, 'session');
    return judgePrograms(
      check.program,
      programs.map(one => withSection(core, one))
    );
  }
  if ('map' in check) {
    const { name, where } = check.map;
    const found = await countRows(core, [name], where);
    return found === null ? noView(core, name) : judgeRows(check.map, { name, ...found });
  }
  if ('events' in check) return judgeEvents(core, check.events);
  if ('file' in check) return judgeFile(core, check.file);
  const { run, status, output, timeout_ms: timeoutMs } = check.command;
  const { exit, text } = await runQuietly(core, run, timeoutMs);
  const isEnd = status === 'failure' ? exit !== 0 && exit !== null : exit === status;
  const seen = { kind: 'command', status: exit === null ? '?' : String(exit), text } as const;
  return isEnd ? judgeText(output, text, seen) : { passed: false, seen };
}

/** The kernel does not tell the hook of every link (an LSM's is `lsm_mac`); the session knows what it has attached to. */
function withSection(core: SessionCore, program: InspectProgram): InspectProgram {
  const loaded = [...core.state.runs.values()].flatMap(run => run.programs).find(one => one.id === program.id);
  if (loaded === undefined || program.attached_to.length === 0) return program;
  const places = [...program.attached_to, loaded.attached_to, loaded.section].filter(place => place !== '');
  return { ...program, attached_to: [...new Set(places)] };
}

function judgeOutput(
  wanted: { cell: string; ended: string; matches?: string | undefined },
  ends: ReadonlyMap<string, CellEnd>
): Judgement {
  const end = ends.get(wanted.cell);
  if (end === undefined) return { passed: false, seen: { kind: 'not-run', cell: wanted.cell } };
  if (end.ended !== wanted.ended) {
    return { passed: false, seen: { kind: 'ended', cell: wanted.cell, ended: end.ended } };
  }
  return judgeText(wanted.matches, end.text, { kind: 'text', text: end.text });
}

async function judgeEvents(
  core: SessionCore,
  wanted: Extract<LabCheck, { events: unknown }>['events']
): Promise<Judgement> {
  const live = [...core.state.runs.values()].filter(isLive).map(run => run.id);
  const streams = [...core.state.views.values()].filter(
    view => EVENT_KINDS.includes(view.kind) && live.includes(view.run) && isNamed(core, view.id, wanted.name)
  );
  const name = wanted.name ?? 'events';
  if (streams.length === 0) return noView(core, name);
  let best: Judgement | null = null;
  for (const view of streams) {
    const found = await countRows(core, [view.id], wanted.where);
    const judged =
      found === null ? null : judgeRows(wanted, { name: core.views.get(view.id)?.source ?? name, ...found });
    if (judged !== null && (best === null || judged.passed)) best = judged;
  }
  return best ?? noView(core, name);
}

const isNamed = (core: SessionCore, view: string, name: string | undefined): boolean =>
  name === undefined || core.views.get(view)?.source === name;

async function countRows(
  core: SessionCore,
  [name]: [string],
  where: string | undefined
): Promise<{ count: number; total: string } | null> {
  const found = await openRows(core, name, { filters: [], where });
  if (found === null) return null;
  const view = [...core.views].findLast(([id, live]) => id === name || live.source === name);
  return { count: found.rows.count, total: String(view?.[1].store.totalRows ?? found.rows.count) };
}

function noView(core: SessionCore, name: string): Judgement {
  const known = [...new Set([...core.views.values()].map(view => view.source))];
  return { passed: false, seen: { kind: 'no-view', name, known } };
}

/** A relative path is a file of the session, which `%%file` has written; an absolute one is the target's. */
async function judgeFile(
  core: SessionCore,
  wanted: { path: string; matches?: string | undefined }
): Promise<Judgement> {
  const { path } = wanted;
  const text = isAbsolute(path) ? await targetText(core, path) : await sessionText(core, path);
  return text === null
    ? { passed: false, seen: { kind: 'no-file', path } }
    : judgeText(wanted.matches, text, { kind: 'file', path, text });
}

async function targetText(core: SessionCore, path: string): Promise<string | null> {
  const connection = core.targets.current(core.state.target.name);
  if (connection === null) return null;
  try {
    return Buffer.from(await readTargetFile(connection, { path, maxBytes: MAX_FILE_BYTES })).toString();
  } catch (error) {
    if (error instanceof LabError && error.code === 'BPFLAB_FILE_PATH') return null;
    throw error;
  }
}

const sessionText = (core: SessionCore, path: string): Promise<string | null> =>
  readFile(join(core.options.folder, sessionPath(path)), 'utf8').catch(() => null);
