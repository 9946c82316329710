import type { MapSpec, ObjectSpec } from '../../core/index.js';
import { callsPrintk } from '../../core/session/calls-printk.js';
import { createPrintkStore } from '../../core/store/printk-store.js';
import { createRecordStore, type RecordStore } from '../../core/store/record-store.js';
import { ViewHistory, type Counter } from '../../core/session/view-history.js';
import { columnsOf } from '../../core/decode/columns-of.js';
import { recognizeStacks } from '../../core/symbols/recognize-stacks.js';
import { recordStacks } from '../../core/symbols/stack-columns.js';
import { findType, typeName } from '../../core/object/type-layout.js';
import { LabError, type LoadedMap } from '../../protocol/index.js';
import type { BpfCell } from './bpf-cell.js';
import { eachRecord } from './each-record.js';
import type { LiveLink } from './live-run.js';
import { MergedStream } from '../nodes/merged-stream.js';
import { openLostCounters, type LostCounters } from './lost-counters.js';
import { recordTypeChoice } from './record-type-choice.js';
import { hasMapView, openGlobalsView, openMapView } from './open-map-view.js';
import { RecordStackNames } from './stacks/record-stack-names.js';
import { openStackView } from './stacks/open-stack-view.js';
import { SpillFile } from './spill-file.js';
import { openTextView } from './text-view.js';

/** What a view of events keeps: this much of it in memory, the rest in a file of the session's folder. */
const EVENT_LIMITS = { maxRows: 10_000_000, maxBytes: 512 * 1024 * 1024, memoryBytes: 64 * 1024 * 1024 };

/**
 * Opens a view for every map, ring and print of a loaded object, and subscribes to what comes by itself. Resolves when the
 * agent reads all of it, so that nothing that an attached program sends is missed.
 */
export async function openObjectViews(cell: BpfCell): Promise<void> {
  const { run, object } = cell;
  const subscriptions: Promise<void>[] = [];
  const lost = openLostCounters(run);
  // Addresses have names on one kernel; of many they are shown as they are.
  const hasStacks = run.connection.nodes === undefined;
  const stackMaps = hasStacks ? mapsOfStacks(object) : new Set<string>();
  for (const map of object.maps) {
    const loaded = run.maps.find(one => one.name === map.name);
    // Its addresses have names in the view of the map that counts them.
    if (loaded === undefined || stackMaps.has(map.name)) {
      continue;
    }
    if (map.type === 'ringbuf' || map.type === 'perf_event_array') {
      subscriptions.push(openRecordView(cell, { map, loaded, lost }));
    } else if (hasMapView(map)) {
      const shape = hasStacks ? recognizeStacks(object.types, map, object.maps) : null;
      const view = { run, map, loaded, types: object.types };
      if (shape === null) openMapView(cell.context.core, view);
      else openStackView(cell.context.core, { ...view, shape });
    }
  }
  openGlobalsView(cell.context.core, run);
  if (callsPrintk(cell.build.loadable)) {
    subscriptions.push(openPrintkView(cell));
  }
  await Promise.all(subscriptions);
}

/** STACK_TRACE maps whose stacks another map counts, or records name. */
function mapsOfStacks({ types, maps }: ObjectSpec): Set<string> {
  const counted = maps.flatMap(map => recognizeStacks(types, map, maps)?.ids.map(id => id.map) ?? []);
  const named = maps.flatMap(map =>
    map.records.flatMap(record => recordStacks(columnsOf(types, record.type), maps).fields)
  );
  return new Set([...counted, ...named.flatMap(field => (field.kind === 'id' ? [field.map] : []))]);
}

/** Text that an iterator program writes when it is read, once. */
export async function openIteratorView(cell: BpfCell, link: LiveLink): Promise<void> {
  const { core } = cell.context;
  const text = openTextView(core, { run: cell.run.id, title: `${link.program}: ${link.target}`, source: link.program });
  const payloads = (payload: Uint8Array): void => eachRecord(payload, bytes => text.write(bytes));
  await subscribe(cell, { source: 'iter', link: link.link }, { deliver: payloads, end: () => text.end() });
}

async function openRecordView(
  cell: BpfCell,
  ring: { map: MapSpec; loaded: LoadedMap; lost: LostCounters }
): Promise<void> {
  const { core } = cell.context;
  const { run, object } = cell;
  const { map } = ring;
  const source = map.type === 'ringbuf' ? 'ring' : 'perf';
  const choice = chooseRecordType(cell, map);
  const id = `${run.id}.${map.name}`;
  const notes = [...choice.notes];
  const spill = new SpillFile({ folder: core.options.folder, onFull: sentence => notes.push(sentence) });
  const store = createRecordStore({
    types: object.types,
    type: choice.type,
    source,
    timeOffsetNs: timeOffset(cell),
    nodes: run.connection.nodes,
    limits: EVENT_LIMITS,
    spill
  });
  // Addresses have names on one kernel; of many they are shown as they are.
  const stacks =
    run.connection.nodes === undefined
      ? new RecordStackNames({ run, maps: object.maps, store, notes, onChange: () => core.viewChanged(id) })
      : null;
  const counted = source === 'ring' && ring.lost.counts(map.name);
  const history = new ViewHistory('rate', 'events');
  core.openView(
    { id, run: run.id, kind: 'events', title: map.name, isPolled: counted },
    {
      store,
      notes,
      alternatives: [],
      source: map.name,
      dispose: () => spill.close(),
      byNode: () => store.byNode,
      history,
      sample: () => history.take(eventCounters(store), Date.now(), performance.now()),
      ...recordTypeChoice({ types: object.types, map, store, notes, type: choice.type }),
      refresh: async () => {
        await Promise.all([counted ? readLost(ring.lost, map.name, store) : null, stacks?.settle()]);
      }
    }
  );
  const deliver = (payload: Uint8Array, node?: number): void => {
    store.append(payload, node);
    stacks?.look();
    core.viewChanged(id);
  };
  await subscribe(cell, { source, map: map.name }, { deliver, late: node => notes.push(lateNote(node)) });
}

async function readLost(lost: LostCounters, map: string, store: RecordStore): Promise<void> {
  store.setKernelLost(await lost.read(map));
}

/** What came, and what did not, as the course over time shows it. */
function eventCounters(store: RecordStore): Counter[] {
  const { kernel, agent } = store.losses;
  const lost = BigInt(kernel) + BigInt(agent);
  return [{ name: 'events', value: store.totalRows }, ...(lost > 0n ? [{ name: 'lost', value: lost }] : [])];
}

/** The record type: the user's choice, else the only candidate, else the first with a note that there are others. */
function chooseRecordType(cell: BpfCell, map: MapSpec): { type: number; notes: string[] } {
  const { types } = cell.object;
  const wanted = cell.spec.options.recordTypes.find(one => one.map === map.name);
  if (wanted !== undefined) {
    const type = findType(types, wanted.type);
    if (type === null) {
      throw new LabError(
        'BPFLAB_CELL_OPTION',
        `The object has no type "${wanted.type}" for the records of "${map.name}".`
      );
    }
    return { type, notes: [] };
  }
  const [first, ...others] = map.records;
  if (first === undefined) {
    const hint = `--type ${map.name}="struct …"`;
    return { type: 0, notes: [`the record type is not known; name it with ${hint}`] };
  }
  const names = others.map(other => typeName(types, other.type)).join(', ');
  const note = `${typeName(types, first.type)} is one of ${map.records.length} record types; the others: ${names}`;
  return { type: first.type, notes: others.length === 0 ? [] : [note] };
}

async function openPrintkView(cell: BpfCell): Promise<void> {
  const { core } = cell.context;
  const { run } = cell;
  const store = createPrintkStore({
    tag: run.printkTag,
    timeOffsetNs: timeOffset(cell),
    nodes: run.connection.nodes
  });
  const id = `${run.id}.printk`;
  const notes =
    run.printkTag === null ? ['lines of all programs on this target, for this one marks none of its own'] : [];
  core.openView(
    { id, run: run.id, kind: 'printk', title: 'printk', isPolled: false },
    { store, notes, alternatives: [], source: 'printk', refresh: null, byNode: () => store.byNode }
  );
  const deliver = (payload: Uint8Array, node?: number): void => {
    const before = store.version;
    store.append(payload, node);
    if (store.version !== before) {
      core.viewChanged(id);
    }
  };
  await subscribe(cell, { source: 'printk' }, { deliver, late: node => notes.push(lateNote(node)) });
}

const lateNote = (node: string): string =>
  `node "${node}" is slow: some of its rows came late and stand behind newer ones of other nodes`;

async function subscribe(
  cell: BpfCell,
  what: { source: 'ring' | 'perf' | 'printk' | 'iter'; map?: string; link?: number },
  listener: { deliver: (payload: Uint8Array, node?: number) => void; end?: () => void; late?: (node: string) => void }
): Promise<void> {
  const { run } = cell;
  const { nodes } = run.connection;
  const stream = run.connection.newStream();
  let markEnded = (): void => undefined;
  const ended = new Promise<void>(resolve => (markEnded = resolve));
  const { deliver } = listener;
  const merge = nodes === undefined ? null : new MergedStream(nodes, { deliver, late: node => listener.late?.(node) });
  run.connection.onStream(stream, {
    data: merge === null ? deliver : (payload, node) => merge.take(payload, node),
    end: () => {
      merge?.end();
      listener.end?.();
      markEnded();
    }
  });
  await run.connection.request('subscribe', { run: run.id, stream, ...what });
  run.streams.push({ stream, ended });
}

/** What makes the target's monotonic clock a time of day. */
function timeOffset(cell: BpfCell): bigint {
  const { hello } = cell.run.connection;
  return BigInt(hello.realtime_ns) - BigInt(hello.monotonic_ns);
}
