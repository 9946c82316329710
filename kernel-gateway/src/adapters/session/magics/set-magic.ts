import { splitSetting } from '../../../core/cells/run-options.js';
import { formatValue } from '../../../core/decode/value-text.js';
import type { GlobalSpec } from '../../../core/index.js';
import { typeName } from '../../../core/object/type-layout.js';
import { findGlobal, globalBytes, settableGlobals } from '../../../core/session/global-bytes.js';
import { plainTable } from '../../../core/session/plain-table.js';
import { isLive } from '../../../core/session/session-state.js';
import { LabError } from '../../../protocol/index.js';
import { say, type CellContext } from '../cell-context.js';
import type { LiveRun } from '../live-run.js';
import { readSections, sectionMap } from '../open-map-view.js';
import type { SessionCore } from '../session-core.js';

/** `%set [[RUN.]NAME=VALUE…]`: changes globals of live runs; a constant one reloads its run. Without words, lists them. */
export async function setMagic(context: CellContext, args: readonly string[]): Promise<void> {
  const { core } = context;
  if (args.length === 0) {
    say(context, await listGlobals(core));
    return;
  }
  for (const arg of args) {
    const setting = splitSetting(arg);
    if (setting === null) {
      throw new LabError('BPFLAB_CELL_OPTION', `%set: "${arg}" is no NAME=VALUE.`);
    }
    const { run, name } = whichRun(core, setting.name);
    say(context, await setOrReload(context, run, { name, value: setting.value }));
  }
}

async function setOrReload(
  context: CellContext,
  run: LiveRun,
  setting: { name: string; value: string }
): Promise<string> {
  const { core } = context;
  const global = run.object === null ? null : findGlobal(run.object, setting.name);
  if (global?.section.startsWith('.rodata') !== true) {
    const text = await setGlobal(core, { run: run.id, ...setting });
    return `${run.id}: ${text}`;
  }
  if (run.reload === null) {
    throw new LabError('BPFLAB_GLOBAL_UNKNOWN', `"${setting.name}" of ${run.id} is a constant and cannot change.`);
  }
  say(context, `"${setting.name}" is a constant that the verifier has seen: ${run.id} is loaded anew with it.`);
  const outcome = await run.reload(context, setting);
  if (outcome.kind === 'failed') {
    throw new LabError('BPFLAB_LOAD_FAILED', outcome.message, { details: outcome.details });
  }
  return `${setting.name} = ${setting.value}`;
}

/**
 * Changes a variable of a live run in the map that holds it.
 *
 * @returns "name: old → new"
 * @throws LabError BPFLAB_RUN_UNKNOWN, BPFLAB_GLOBAL_UNKNOWN
 */
export async function setGlobal(
  core: SessionCore,
  setting: { run: string; name: string; value: string }
): Promise<string> {
  const run = core.runs.get(setting.run);
  const record = core.state.runs.get(setting.run);
  if (run?.object == null || record === undefined || !isLive(record)) {
    throw new LabError('BPFLAB_RUN_UNKNOWN', `There is no run "${setting.run}" that is alive and has globals.`);
  }
  const global = findGlobal(run.object, setting.name);
  const { bytes } = globalBytes(run.object, setting);
  const map = sectionMap(run, global.section);
  if (global.section.startsWith('.rodata') || map === undefined) {
    throw new LabError('BPFLAB_GLOBAL_UNKNOWN', `"${setting.name}" is a constant; use %set, which loads the run anew.`);
  }
  const sections = await readSections(run, new Set([global.section]));
  const section = sections.get(global.section) ?? new Uint8Array(0);
  const before = formatValue(
    run.object.types,
    global.type,
    section.subarray(global.offset, global.offset + global.size)
  );
  // Only its own bytes: programs count in the variables beside it.
  const entries = [{ key: '00000000', value: bytes, offset: global.offset }];
  await run.connection.request('map_update', { map_id: map.id, entries });
  const after = formatValue(run.object.types, global.type, Buffer.from(bytes, 'hex'));
  await core.polls.readView(`${run.id}.globals`);
  return `${setting.name}: ${before} → ${after}`;
}

/** `RUN.NAME` or, without a run, the newest live run that has the global. */
function whichRun(core: SessionCore, text: string): { run: LiveRun; name: string } {
  const live = core.liveRuns().flatMap(record => core.runs.get(record.id) ?? []);
  const dot = text.indexOf('.');
  const named = dot > 0 ? core.findRun(text.slice(0, dot)) : undefined;
  const chosen = named === undefined ? undefined : core.runs.get(named.id);
  if (chosen !== undefined) {
    return { run: chosen, name: text.slice(dot + 1) };
  }
  const withObject = live.filter(run => run.object !== null);
  const found = withObject.findLast(run => run.object?.globals.some(global => global.name === text));
  const run = found ?? withObject.at(-1);
  if (run === undefined) {
    throw new LabError('BPFLAB_RUN_UNKNOWN', 'There is no live run with globals.');
  }
  return { run, name: text };
}

async function listGlobals(core: SessionCore): Promise<string> {
  const rows: string[][] = [];
  for (const record of core.liveRuns()) {
    const run = core.runs.get(record.id);
    if (run?.object == null) {
      continue;
    }
    const globals = settableGlobals(run.object);
    const sections = await readSections(run, new Set(globals.map(global => global.section)));
    for (const global of globals) {
      rows.push([run.id, ...globalRow(run, global, sections.get(global.section))]);
    }
  }
  return rows.length === 0
    ? 'No live run has global variables.'
    : plainTable(['RUN', 'NAME', 'TYPE', 'VALUE', 'WHEN'], rows);
}

function globalRow(run: LiveRun, global: GlobalSpec, section: Uint8Array | undefined): string[] {
  const types = run.object?.types ?? { types: [] };
  const bytes = section?.subarray(global.offset, global.offset + global.size) ?? global.initial;
  const when = global.section.startsWith('.rodata') ? 'reloads' : 'any time';
  return [global.name, typeName(types, global.type), formatValue(types, global.type, bytes), when];
}
