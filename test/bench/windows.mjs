/** Windows on a large events table: to any place in it, and sorted and filtered for the first time. No kernel takes part. */
import { randomInt } from 'node:crypto';
import { createRecordStore } from '../../kernel-gateway/lib/core/store/record-store.js';
import { recordPayload } from '../../kernel-gateway/lib/core/store/record-payload.js';
import { event, EVENT, eventBytes, eventTypes, windowRequest } from '../fixtures/event-rows.mjs';
import { limitRow } from './figures.mjs';

const PAYLOAD_ROWS = 1000;
/** A record of 40 bytes with its header, its share of its payload's, and chunks that are not quite full. */
const ROW_ROOM_BYTES = 56;
const COMMS = ['bash', 'systemd', 'kworker/0:1', 'sshd', 'python3', '编译器', 'chrome', 'ksoftirqd/1'];
/** Rows of a screen, with those above and below it. */
const SCREEN_ROWS = 100;

/** @type {Record<string, Partial<import('../../kernel-gateway/lib/protocol/index.js').WindowRequest>>} */
const queries = {
  'sorted by a number': { sort: { column: 'id', descending: true } },
  'sorted by text': { sort: { column: 'comm', descending: false } },
  'number filter': { filters: [{ column: 'pid', op: '<', value: '500' }] },
  'digits filter': { filters: [{ column: 'id', op: 'contains', value: '77' }] },
  'text filter': { filters: [{ column: 'comm', op: 'contains', value: 'KSOFT' }] },
  'text filter beyond ASCII': { filters: [{ column: 'comm', op: 'contains', value: '译' }] },
  expression: { where: 'pid < 500 && comm ~ "bash" && (delta < 0 || kind == CLOSE)' },
  'filtered and sorted': {
    filters: [{ column: 'pid', op: '>=', value: '500' }],
    sort: { column: 'comm', descending: true }
  }
};

/** @param {import('./bench.mjs').Bench} bench */
export function benchWindows({ rounds, quick }) {
  const large = quick ? 1_000_000 : 10_000_000;
  const scrolled = scroll(fill(large), { large, count: rounds * 20 });
  const million = fill(1_000_000);
  const rows = [
    limitRow(`window at any place in ${large / 1e6} M rows, slowest of ${scrolled.length}`, [Math.max(...scrolled)], 50)
  ];
  for (const [name, query] of Object.entries(queries)) {
    const ms = Array.from({ length: Math.max(3, rounds / 3) }, () => {
      // Another type, and the same again: what was known of the order is forgotten.
      million.setType(EVENT);
      return timed(() => million.window(windowRequest({ ...query, count: SCREEN_ROWS })));
    });
    rows.push(limitRow(`1 M rows, ${name}, first window`, ms, 300));
  }
  return Promise.resolve(rows);
}

/** @param {() => unknown} work */
function timed(work) {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

/**
 * @param {import('../../kernel-gateway/lib/core/store/record-store.js').RecordStore} store
 * @param {{ large: number, count: number }} options
 */
function scroll(store, { large, count }) {
  return Array.from({ length: count }, () => {
    const request = windowRequest({ first: randomInt(large - SCREEN_ROWS), count: SCREEN_ROWS });
    return timed(() => {
      if (store.window(request).message.count !== SCREEN_ROWS) throw new Error('the window is not full');
    });
  });
}

/** @param {number} count */
function fill(count) {
  const limits = { maxRows: count, maxBytes: count * ROW_ROOM_BYTES, memoryBytes: count * ROW_ROOM_BYTES };
  const store = createRecordStore({ types: eventTypes, type: EVENT, source: 'ring', limits });
  for (let seq = 0; seq < count; seq += PAYLOAD_ROWS) {
    const records = Array.from({ length: PAYLOAD_ROWS }, (_unused, index) => recordOf(seq + index));
    store.append(recordPayload({ seq, lost: 0n, monoNs: BigInt(seq) }, records));
  }
  if (store.losses.evicted !== '0') throw new Error(`${store.losses.evicted} rows were evicted`);
  return store;
}

/** @param {number} number */
function recordOf(number) {
  const mixed = (number * 2_654_435_761) % 4_294_967_296;
  const comm = COMMS[mixed % COMMS.length] ?? '';
  return eventBytes(
    event({
      id: (BigInt(mixed) << 20n) + BigInt(number),
      delta: (mixed % 2001) - 1000,
      pid: mixed % 1000,
      comm,
      kind: mixed % 6
    })
  );
}
