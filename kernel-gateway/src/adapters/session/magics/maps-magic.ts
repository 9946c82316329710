import { LOST_SECTION } from '../../../core/instrument/instrument.js';
import { mapKinds } from '../../../core/session/map-kinds.js';
import { plainTable } from '../../../core/session/plain-table.js';
import { countText } from '../../../core/session/view-display.js';
import { LabError } from '../../../protocol/index.js';
import { say, type CellContext } from '../cell-context.js';

const ROWS_SHOWN = 20;

/** `%maps [NAME…]`: the maps of live runs, and what those hold that have a view. */
export async function mapsMagic(context: CellContext, names: readonly string[]): Promise<void> {
  const { core } = context;
  const maps = core
    .liveRuns()
    .flatMap(run => (core.runs.get(run.id)?.maps ?? []).map(map => ({ run: run.id, map })))
    .filter(({ map }) => map.name !== LOST_SECTION);
  const unknown = names.find(name => !maps.some(one => one.map.name === name));
  if (unknown !== undefined) {
    throw new LabError('BPFLAB_MAP_UNKNOWN', `There is no map "${unknown}" in the session.`);
  }
  const shown = maps.filter(one => names.length === 0 || names.includes(one.map.name));
  if (shown.length === 0) {
    say(context, 'No maps are loaded.');
    return;
  }
  const rows = shown.map(({ run, map }) => [
    run,
    map.name,
    map.type,
    String(map.key_size),
    String(map.value_size),
    String(map.max_entries),
    String(map.id)
  ]);
  say(context, plainTable(['RUN', 'MAP', 'TYPE', 'KEY BYTES', 'VALUE BYTES', 'MAX ENTRIES', 'ID'], rows));
  for (const { run, map } of shown) {
    await showContents(context, `${run}.${map.name}`);
  }
}

async function showContents(context: CellContext, view: string): Promise<void> {
  const { core } = context;
  const live = core.views.get(view);
  const kind = core.state.views.get(view)?.kind;
  if (live?.refresh && kind !== undefined && mapKinds.has(kind)) {
    await core.polls.readView(view);
    const text = live.store.totalRows === 0n ? '' : `\n${live.store.text(ROWS_SHOWN).trimEnd()}`;
    say(context, `\n${live.source}: ${countText({ kind: 'map' }, live.store)}${text}`);
  }
}
