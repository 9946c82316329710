/** A hash map of a million entries, read and decoded, against `bpftool -j map dump`. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createMapStore } from '../../kernel-gateway/lib/core/store/map-store.js';
import { medianOf, ratioRow } from './figures.mjs';
import { inLabImage, runWords } from './in-lab-image.mjs';
import { loadProgram } from './loaded-program.mjs';

const ENTRIES = 1_000_000;
const WINDOW_ROWS = 2000;
const COLUMNS = ['number', 'group', 'count', 'bytes', 'name'];

/** @param {import('./bench.mjs').Bench} bench */
export async function benchMap(bench) {
  const folder = path.join(bench.folder, 'map');
  mkdirSync(folder);
  const words = [...inLabImage(bench.installed, folder), '/bin/bash', '-c'];
  const program = await loadProgram(bench, { target: 'host', name: 'map' });
  try {
    await program.attach();
    const { pid } = await program.callGetsid();
    const id = program.mapId('entries');
    const map = program.object.maps.find(one => one.name === 'entries');
    if (map === undefined) throw new Error('the object has no map "entries"');
    const read = async () => {
      const store = createMapStore({ types: program.object.types, map, cpus: program.connection.hello.cpus_possible });
      await readMap(program.connection, id, store);
      return store;
    };
    while (Number((await read()).totalRows) < ENTRIES) await new Promise(resolve => setTimeout(resolve, 100));
    await program.connection.request('signal', { run: 'calls', pid, signal: 9 });
    /** @type {{ ours: number[], byHand: number[] }} */
    const ms = { ours: [], byHand: [] };
    for (let round = 0; round < Math.max(3, bench.rounds / 3); round++) {
      const startedAt = performance.now();
      decodeAll(await read());
      ms.ours.push(performance.now() - startedAt);
      ms.byHand.push((await runWords([...words, `bpftool -j map dump id ${id} > dump.json`])).ms);
    }
    const row = ratioRow('1 M-entry hash map, read and decoded', ms, 0.1);
    const times = medianOf(ms.byHand) / medianOf(ms.ours);
    return [{ ...row, ratio: `${times.toFixed(1)}× faster`, bar: '≥ 10× faster' }];
  } finally {
    await program.close();
  }
}

/**
 * As a session does for a view.
 *
 * @param {import('../../kernel-gateway/lib/core/index.js').AgentConnection} connection
 * @param {number} mapId
 * @param {import('../../kernel-gateway/lib/core/store/map-store.js').MapStore} store
 */
async function readMap(connection, mapId, store) {
  const stream = connection.newStream();
  store.begin();
  const ended = new Promise(resolve => {
    connection.onStream(stream, { data: payload => store.append(payload), end: () => resolve(undefined) });
  });
  await connection.request('map_read', { map_id: mapId, stream });
  await ended;
  store.commit();
}

/**
 * Every column of every row, as a window of all of it would show.
 *
 * @param {import('../../kernel-gateway/lib/core/store/map-store.js').MapStore} store
 */
function decodeAll(store) {
  const total = Number(store.totalRows);
  if (total !== ENTRIES) throw new Error(`the map has ${total} entries`);
  let bytes = 0;
  for (let first = 0; first < total; first += WINDOW_ROWS) {
    /** @type {import('../../kernel-gateway/lib/protocol/index.js').WindowRequest} */
    const request = {
      type: 'window',
      first,
      count: WINDOW_ROWS,
      follow: false,
      columns: COLUMNS,
      filters: [],
      paused: false
    };
    bytes += store.window(request).buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
  }
  if (bytes < total * 32) throw new Error(`only ${bytes} bytes were decoded`);
}
