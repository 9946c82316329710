import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { event, windowRequest } from '../../../../test/fixtures/event-rows.mjs';
import { appendEvents, columnCells, eventStore } from '../../../../test/fixtures/event-store.js';
import type { WindowRequest } from '../../protocol/index.js';

type Row = ReturnType<typeof event>;

describe('windows', () => {
  const made = eventStore(
    Array.from({ length: 50 }, (_unused, index) => event({ pid: index, comm: index % 2 ? 'Bash' : 'node' }))
  );

  it('give the asked rows', () => {
    expect(columnCells(made, 'pid', { first: 10, count: 3 })).toEqual(['10', '11', '12']);
    expect(columnCells(made, 'pid', { first: 48, count: 100 })).toEqual(['48', '49']);
    expect(columnCells(made, 'pid', { first: 4000 })).toEqual([]);
  });

  it('follow the newest rows', () => {
    const { message } = made.window(windowRequest({ follow: true, count: 4 }));
    expect(message).toMatchObject({ first: 46, count: 4, matching: '50', total: '50' });
  });

  it('give nothing while the viewer is away', () => {
    expect(made.window(windowRequest({ paused: true })).message.count).toBe(0);
  });

  it.each([
    ['comm', 'contains', 'BAS', 25],
    ['comm', 'not contains', 'bas', 25],
    ['comm', '=', 'Bash', 25],
    ['comm', '=', 'bash', 0],
    ['comm', '!=', 'Bash', 25],
    ['comm', '<', 'a', 25],
    ['pid', '>=', '0x20', 18],
    ['pid', '<', '-1', 0],
    ['pid', '>', '-1', 50],
    ['pid', '>', '1.5', 48],
    ['pid', 'contains', '4', 14],
    ['pid', '=', 'no number', 0],
    ['pid', '<', '99999999999999999999999', 50],
    ['kind', '=', 'OPEN', 50],
    ['kind', '=', '0', 50],
    ['load', '<', '0.5', 50],
    ['no_such_column', '=', '1', 0]
  ] as const)('filter %s %s %s', (name, op, value, matching) => {
    const { message } = made.window(windowRequest({ filters: [{ column: name, op, value }] }));
    expect(message.matching).toBe(String(matching));
  });

  it('filter by an expression, beside the conditions on columns', () => {
    const where = 'comm == "Bash" && pid >= 10 && kind == OPEN';
    const filters = [{ column: 'pid', op: '<', value: '16' }] as const;
    expect(columnCells(made, 'pid', { where, filters: [...filters] })).toEqual(['11', '13', '15']);
    expect(made.window(windowRequest({ where: ' ' })).message.matching).toBe('50');
  });

  it('say why an expression cannot be read, and show nothing', () => {
    const { message } = made.window(windowRequest({ where: 'pid == 4 && com == "a"' }));
    const error = { message: 'There is no column "com". Did you mean comm?', from: 12, to: 15 };
    expect(message).toMatchObject({ count: 0, matching: '0', total: '50', where_error: error });
    expect(made.window(windowRequest({ where: 'pid == 4' })).message.where_error).toBeUndefined();
  });

  it('compare 64-bit values exactly', () => {
    const ids = [2n ** 63n - 1n, 2n ** 63n, 2n ** 63n + 1n].map(id => event({ id }));
    const filters = [{ column: 'id', op: '>', value: '9223372036854775807' }] as const;
    expect(columnCells(eventStore(ids), 'id', { filters: [...filters] })).toEqual([
      '9223372036854775808',
      '9223372036854775809'
    ]);
  });

  it('combine filters and grow with new rows', () => {
    const growing = eventStore([event({ pid: 1 })]);
    const wanted: Partial<WindowRequest> = {
      filters: [
        { column: 'pid', op: '>', value: '5' },
        { column: 'comm', op: '=', value: 'vi' }
      ],
      sort: { column: 'pid', descending: true }
    };
    expect(columnCells(growing, 'pid', wanted)).toEqual([]);
    appendEvents(growing, [
      event({ pid: 6, comm: 'vi' }),
      event({ pid: 8, comm: 'vi' }),
      event({ pid: 9 }),
      event({ pid: 7, comm: 'vi' })
    ]);
    expect(columnCells(growing, 'pid', wanted)).toEqual(['8', '7', '6']);
  });
});

const anyEvent: fc.Arbitrary<Row> = fc.record({
  id: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 3n })),
  delta: fc.integer(),
  pid: fc.nat(5),
  comm: fc.oneof(
    fc.constantFrom('', 'a', 'kworker/0:1', 'kworker/0:1H', 'kworker/0:12'),
    fc.stringMatching(/^[ -~]{0,12}$/)
  ),
  kind: fc.nat(6),
  load: fc.double({ noNaN: true })
});

/** Order of a column's cells, by another way than the store's. */
const orders: Record<string, (left: Row, right: Row) => number> = {
  id: (left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0),
  delta: (left, right) => left.delta - right.delta,
  comm: (left, right) => Buffer.compare(Buffer.from(left.comm), Buffer.from(right.comm)),
  load: (left, right) =>
    (Object.is(left.load, -0) ? -1e-320 : left.load) - (Object.is(right.load, -0) ? -1e-320 : right.load),
  kind: (left, right) => left.kind - right.kind
};

describe('sorting', () => {
  it('is exact, stable, and the same when rows come in parts and the oldest are evicted', () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent, { maxLength: 60 }),
        fc.constantFrom(...Object.keys(orders)),
        fc.boolean(),
        fc.integer({ min: 1, max: 60 }),
        (events, name, descending, maxRows) => {
          const made = eventStore([], { limits: { maxRows } });
          const wanted = {
            sort: { column: name, descending },
            filters: [{ column: 'pid', op: '<', value: '5' }]
          } as const;
          for (let at = 0; at < events.length; at += 7) {
            appendEvents(made, events.slice(at, at + 7));
            made.window(windowRequest({ ...wanted, filters: [...wanted.filters] }));
          }
          const kept = events
            .map((one, index) => ({ ...one, index }))
            .slice(-maxRows)
            .filter(one => one.pid < 5);
          const order = orders[name]!;
          kept.sort((left, right) => order(left, right) || left.index - right.index);
          if (descending) kept.reverse();
          expect(columnCells(made, 'seq', { ...wanted, filters: [...wanted.filters] })).toEqual(
            kept.map(one => String(one.index))
          );
        }
      ),
      { numRuns: 150, seed: 5 }
    );
  });

  it('handles more rows than are compared one by one', () => {
    const events = Array.from({ length: 6000 }, (_unused, index) =>
      event({ id: BigInt((index * 7919) % 6000), comm: `prefix-${(index * 31) % 500}` })
    );
    const made = eventStore(events, {}, 500);
    const sorted = events.map((one, index) => ({ ...one, index }));
    sorted.sort((left, right) => orders['comm']!(left, right) || left.index - right.index);
    const seen = columnCells(made, 'seq', { count: 2000, first: 2000, sort: { column: 'comm', descending: false } });
    expect(seen).toEqual(sorted.slice(2000, 4000).map(one => String(one.index)));
    expect(columnCells(made, 'id', { count: 3, sort: { column: 'id', descending: true } })).toEqual([
      '5999',
      '5998',
      '5997'
    ]);
  });
});
