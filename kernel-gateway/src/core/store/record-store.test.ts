import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowRequest } from '../../protocol/index.js';
import type { TypeTable } from '../object/type-table.js';
import { recordPayload } from './record-payload.js';
import { createRecordStore, type RecordStore, type RecordStoreOptions } from './record-store.js';

/** struct event { u64 id; s32 delta; u32 pid; char comm[12]; double load; enum { OPEN, CLOSE = 5 } kind; } of 40 bytes. */
const types: TypeTable = {
  types: [
    { kind: 'void' },
    { kind: 'int', name: 'unsigned long long', size: 8, encoding: 'unsigned' },
    { kind: 'int', name: 'int', size: 4, encoding: 'signed' },
    { kind: 'int', name: 'unsigned int', size: 4, encoding: 'unsigned' },
    { kind: 'int', name: 'char', size: 1, encoding: 'char' },
    { kind: 'array', element: 4, count: 12 },
    { kind: 'float', name: 'double', size: 8 },
    {
      kind: 'enum',
      name: 'kind',
      size: 4,
      signed: false,
      values: [
        { name: 'OPEN', value: 0n },
        { name: 'CLOSE', value: 5n }
      ]
    },
    {
      kind: 'struct',
      name: 'event',
      size: 40,
      members: [
        { name: 'id', type: 1, bitOffset: 0, bitSize: 0 },
        { name: 'delta', type: 2, bitOffset: 64, bitSize: 0 },
        { name: 'pid', type: 3, bitOffset: 96, bitSize: 0 },
        { name: 'comm', type: 5, bitOffset: 128, bitSize: 0 },
        { name: 'kind', type: 7, bitOffset: 224, bitSize: 0 },
        { name: 'load', type: 6, bitOffset: 256, bitSize: 0 }
      ]
    }
  ]
};
const EVENT = 8;

interface Event {
  id: bigint;
  delta: number;
  pid: number;
  comm: string;
  kind: number;
  load: number;
}

function bytesOf(event: Event): Uint8Array {
  const bytes = new Uint8Array(40);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, event.id, true);
  view.setInt32(8, event.delta, true);
  view.setUint32(12, event.pid, true);
  bytes.set(Buffer.from(event.comm).subarray(0, 12), 16);
  view.setUint32(28, event.kind, true);
  view.setFloat64(32, event.load, true);
  return bytes;
}

const event = (change: Partial<Event> = {}): Event => ({
  id: 1n,
  delta: 0,
  pid: 7,
  comm: 'bash',
  kind: 0,
  load: 0,
  ...change
});

function store(events: Event[], options: Partial<RecordStoreOptions> = {}, perPayload = 3): RecordStore {
  const made = createRecordStore({ types, type: EVENT, source: 'ring', ...options });
  append(made, events, perPayload);
  return made;
}

function append(made: RecordStore, events: Event[], perPayload = 3): void {
  for (let at = 0; at < events.length; at += perPayload) {
    const header = { seq: Number(made.totalRows), lost: 0n, monoNs: BigInt(at) };
    made.append(recordPayload(header, events.slice(at, at + perPayload).map(bytesOf)));
  }
}

const request = (change: Partial<WindowRequest> = {}): WindowRequest => ({
  ...{ type: 'window', first: 0, count: 100, follow: false, filters: [], paused: false },
  ...change
});

/** Cells of a window as text, row by row. */
function rows(made: RecordStore, change: Partial<WindowRequest>): string[][] {
  const { message, buffers } = made.window(request(change));
  const left = [...buffers];
  const columns = message.columns.map(({ kind }) => {
    const first = Buffer.from(left.shift()!);
    const text = kind === 'text' ? Buffer.from(left.shift()!) : null;
    return Array.from({ length: message.count }, (_unused, index) => {
      if (text) return text.subarray(first.readUInt32LE(index * 4), first.readUInt32LE(index * 4 + 4)).toString();
      if (kind === 'f64') return String(first.readDoubleLE(index * 8));
      return String(kind === 'u64' ? first.readBigUInt64LE(index * 8) : first.readBigInt64LE(index * 8));
    });
  });
  expect(left).toEqual([]);
  return Array.from({ length: message.count }, (_unused, row) => columns.map(column => column[row] ?? ''));
}

const column = (made: RecordStore, name: string, change: Partial<WindowRequest> = {}): string[] =>
  rows(made, { ...change, columns: [name] }).map(([cell]) => cell ?? '');

describe('RecordStore', () => {
  it('has columns of what bpflab adds, then of the record', () => {
    const specs = store([]).columns.map(({ name, kind, role }) => `${name} ${kind} ${role}`);
    expect(specs).toEqual([
      'seq u64 meta',
      'time u64 meta',
      'id u64 field',
      'delta i64 field',
      'pid u64 field',
      'comm text field',
      'kind text field',
      'load f64 field'
    ]);
  });

  it('keeps 64 bits exact', () => {
    const made = store([event({ id: 0xffff_ffff_ffff_fffen, delta: -2_000_000_000 })]);
    expect(rows(made, { columns: ['id', 'delta'] })).toEqual([['18446744073709551614', '-2000000000']]);
    expect(made.snapshot(5).rows[0]).toEqual([
      '0',
      '0',
      '18446744073709551614',
      '-2000000000',
      '7',
      'bash',
      'OPEN',
      '0'
    ]);
  });

  it('shows enums by name, and the number of a value without one', () => {
    expect(column(store([event({ kind: 5 }), event({ kind: 9 })]), 'kind')).toEqual(['CLOSE', '9']);
  });

  it('adds the offset of the clocks to the time of a payload', () => {
    const made = createRecordStore({ types, type: EVENT, source: 'ring', timeOffsetNs: 1_700_000_000_000_000_000n });
    made.append(recordPayload({ seq: 0, lost: 0n, monoNs: 5n }, [bytesOf(event())]));
    expect(column(made, 'time')).toEqual(['1700000000000000005']);
    expect(made.columns[1]).toMatchObject({ unit: 'unix_ns' });
  });

  it('names its own columns apart when the record has the same names', () => {
    const clash: TypeTable = { types: [...types.types] };
    clash.types.push({
      kind: 'struct',
      name: 'c',
      size: 8,
      members: [{ name: 'time', type: 1, bitOffset: 0, bitSize: 0 }]
    });
    const made = createRecordStore({ types: clash, type: 9, source: 'perf' });
    expect(made.columns.map(({ name }) => name)).toEqual(['seq', '@time', 'cpu', 'time']);
  });

  it('reads records shorter than their type as if zeros followed, and longer ones as far as the type goes', () => {
    const made = createRecordStore({ types, type: EVENT, source: 'ring' });
    const whole = bytesOf(event({ comm: 'cut' }));
    const long = new Uint8Array(100).fill(0xff);
    long.set(whole);
    made.append(recordPayload({ seq: 0, lost: 0n, monoNs: 0n }, [whole.subarray(0, 18), long, whole]));
    expect(column(made, 'comm')).toEqual(['cu', 'cut', 'cut']);
    expect(column(made, 'load')).toEqual(['0', '0', '0']);
  });

  it('shows a record of unknown type as bytes, and as another type once it is chosen', () => {
    const made = createRecordStore({ types, type: 0, source: 'ring' });
    made.append(recordPayload({ seq: 0, lost: 0n, monoNs: 0n }, [bytesOf(event()), new Uint8Array([1, 0xab])]));
    expect(column(made, 'bytes')[1]).toBe('01 ab');
    made.setType(EVENT);
    expect(column(made, 'comm')).toEqual(['bash', '']);
  });

  it('counts what was lost where it was lost', () => {
    const made = store([event()]);
    expect(made.losses).toEqual({ kernel: '0', kernel_known: false, agent: '0', evicted: '0' });
    made.append(recordPayload({ seq: 9, lost: 4n, monoNs: 0n }, []));
    made.setKernelLost(3n);
    expect(made.losses).toEqual({ kernel: '3', kernel_known: true, agent: '4', evicted: '0' });
    const perf = store([], { source: 'perf' });
    perf.append(recordPayload({ seq: 0, lost: 6n, monoNs: 0n }, []));
    expect(perf.losses).toEqual({ kernel: '6', kernel_known: true, agent: '0', evicted: '0' });
  });

  it('changes its version with every change and only then', () => {
    const made = store([event()]);
    const before = made.version;
    made.window(request({ sort: { column: 'id', descending: true } }));
    made.text(3);
    expect(made.version).toBe(before);
    append(made, [event()]);
    expect(made.version).toBeGreaterThan(before);
    made.end();
    expect(made.state).toBe('ended');
  });

  it('refuses a payload whose record ends behind it, and keeps nothing of it', () => {
    const made = store([event()]);
    const broken = recordPayload({ seq: 1, lost: 0n, monoNs: 0n }, [bytesOf(event()), bytesOf(event())]);
    expect(() => made.append(broken.subarray(0, broken.length - 8))).toThrow(/ends after its payload/);
    expect(() => made.append(new Uint8Array(7))).toThrow(/ends after its payload/);
    expect(made.totalRows).toBe(1n);
    append(made, [event({ pid: 8 })]);
    expect(column(made, 'pid')).toEqual(['7', '8']);
  });

  it('is empty after drop', () => {
    const made = store([event(), event()]);
    made.drop();
    expect(made.window(request()).message).toMatchObject({ count: 0, matching: '0', state: 'gone' });
  });
});

describe('windows', () => {
  const made = store(
    Array.from({ length: 50 }, (_unused, index) => event({ pid: index, comm: index % 2 ? 'Bash' : 'node' }))
  );

  it('give the asked rows', () => {
    expect(column(made, 'pid', { first: 10, count: 3 })).toEqual(['10', '11', '12']);
    expect(column(made, 'pid', { first: 48, count: 100 })).toEqual(['48', '49']);
    expect(column(made, 'pid', { first: 4000 })).toEqual([]);
  });

  it('follow the newest rows', () => {
    const { message } = made.window(request({ follow: true, count: 4 }));
    expect(message).toMatchObject({ first: 46, count: 4, matching: '50', total: '50' });
  });

  it('give nothing while the viewer is away', () => {
    expect(made.window(request({ paused: true })).message.count).toBe(0);
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
    const { message } = made.window(request({ filters: [{ column: name, op, value }] }));
    expect(message.matching).toBe(String(matching));
  });

  it('filter by an expression, beside the conditions on columns', () => {
    const where = 'comm == "Bash" && pid >= 10 && kind == OPEN';
    const filters = [{ column: 'pid', op: '<', value: '16' }] as const;
    expect(column(made, 'pid', { where, filters: [...filters] })).toEqual(['11', '13', '15']);
    expect(made.window(request({ where: ' ' })).message.matching).toBe('50');
  });

  it('say why an expression cannot be read, and show nothing', () => {
    const { message } = made.window(request({ where: 'pid == 4 && com == "a"' }));
    const error = { message: 'There is no column "com". Did you mean comm?', from: 12, to: 15 };
    expect(message).toMatchObject({ count: 0, matching: '0', total: '50', where_error: error });
    expect(made.window(request({ where: 'pid == 4' })).message.where_error).toBeUndefined();
  });

  it('compare 64-bit values exactly', () => {
    const ids = [2n ** 63n - 1n, 2n ** 63n, 2n ** 63n + 1n].map(id => event({ id }));
    const filters = [{ column: 'id', op: '>', value: '9223372036854775807' }] as const;
    expect(column(store(ids), 'id', { filters: [...filters] })).toEqual(['9223372036854775808', '9223372036854775809']);
  });

  it('combine filters and grow with new rows', () => {
    const growing = store([event({ pid: 1 })]);
    const wanted: Partial<WindowRequest> = {
      filters: [
        { column: 'pid', op: '>', value: '5' },
        { column: 'comm', op: '=', value: 'vi' }
      ],
      sort: { column: 'pid', descending: true }
    };
    expect(column(growing, 'pid', wanted)).toEqual([]);
    append(growing, [
      event({ pid: 6, comm: 'vi' }),
      event({ pid: 8, comm: 'vi' }),
      event({ pid: 9 }),
      event({ pid: 7, comm: 'vi' })
    ]);
    expect(column(growing, 'pid', wanted)).toEqual(['8', '7', '6']);
  });
});

const anyEvent: fc.Arbitrary<Event> = fc.record({
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
const orders: Record<string, (left: Event, right: Event) => number> = {
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
          const made = store([], { limits: { maxRows } });
          const wanted = {
            sort: { column: name, descending },
            filters: [{ column: 'pid', op: '<', value: '5' }]
          } as const;
          for (let at = 0; at < events.length; at += 7) {
            append(made, events.slice(at, at + 7));
            made.window(request({ ...wanted, filters: [...wanted.filters] }));
          }
          const kept = events
            .map((one, index) => ({ ...one, index }))
            .slice(-maxRows)
            .filter(one => one.pid < 5);
          const order = orders[name]!;
          kept.sort((left, right) => order(left, right) || left.index - right.index);
          if (descending) kept.reverse();
          expect(column(made, 'seq', { ...wanted, filters: [...wanted.filters] })).toEqual(
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
    const made = store(events, {}, 500);
    const sorted = events.map((one, index) => ({ ...one, index }));
    sorted.sort((left, right) => orders['comm']!(left, right) || left.index - right.index);
    const seen = column(made, 'seq', { count: 2000, first: 2000, sort: { column: 'comm', descending: false } });
    expect(seen).toEqual(sorted.slice(2000, 4000).map(one => String(one.index)));
    expect(column(made, 'id', { count: 3, sort: { column: 'id', descending: true } })).toEqual([
      '5999',
      '5998',
      '5997'
    ]);
  });
});

describe('limits', () => {
  const many = Array.from({ length: 5000 }, (_unused, index) => event({ pid: index }));

  it('evict the oldest rows one by one and count them', () => {
    const made = store(many, { limits: { maxRows: 1000 } });
    expect(made.totalRows).toBe(5000n);
    expect(made.losses.evicted).toBe('4000');
    expect(made.window(request()).message).toMatchObject({ matching: '1000', total: '5000' });
    expect(column(made, 'pid', { count: 1 })).toEqual(['4000']);
  });

  it('bound the bytes', () => {
    const made = store(many, { limits: { maxBytes: 128 * 1024 } }, 100);
    const kept = 5000 - Number(made.losses.evicted);
    expect(kept * 48).toBeLessThanOrEqual(128 * 1024);
    expect(kept).toBeGreaterThan(1000);
    expect(column(made, 'pid', { follow: true, count: 1 })).toEqual(['4999']);
  });

  it('spill what memory does not hold, and read it back', () => {
    const kept = new Map<number, Uint8Array>();
    const spill = {
      put: (chunk: number, bytes: Uint8Array) => void kept.set(chunk, bytes.slice()),
      get: (chunk: number) => kept.get(chunk) ?? new Uint8Array(0),
      drop: (chunk: number) => void kept.delete(chunk)
    };
    const big = Array.from({ length: 300_000 }, (_unused, index) => event({ pid: index }));
    const made = store(big, { spill, limits: { memoryBytes: 5 * 1024 * 1024, maxBytes: 12 * 1024 * 1024 } }, 2000);
    expect(kept.size).toBeGreaterThan(0);
    const evicted = Number(made.losses.evicted);
    expect(evicted).toBeGreaterThan(0);
    expect(column(made, 'pid', { count: 2 })).toEqual([String(evicted), String(evicted + 1)]);
    expect(column(made, 'pid', { count: 1, sort: { column: 'pid', descending: true } })).toEqual(['299999']);
    made.drop();
    expect(kept.size).toBe(0);
  });

  it('evict instead when the spill is full', () => {
    const spill = {
      put: () => {
        throw new Error('no space');
      },
      get: () => new Uint8Array(0),
      drop: () => undefined
    };
    const big = Array.from({ length: 300_000 }, (_unused, index) => event({ pid: index }));
    const made = store(big, { spill, limits: { memoryBytes: 5 * 1024 * 1024 } }, 2000);
    expect(Number(made.losses.evicted)).toBeGreaterThan(0);
    expect(column(made, 'pid', { follow: true, count: 1 })).toEqual(['299999']);
  });
});

describe('text', () => {
  it('is an aligned table of the newest rows', () => {
    const made = store([event({ pid: 1 }), event({ pid: 22, comm: '中文' }), event({ pid: 333 })]);
    const lines = made.text(2).split('\n');
    expect(lines[0]).toMatch(/^SEQ +TIME +ID +DELTA +PID +COMM +KIND +LOAD$/);
    expect(lines[1]).toMatch(/ 22 {2}中文 {2}OPEN +0$/);
    expect(lines[2]).toMatch(/333 {2}bash {2}OPEN +0$/);
    expect(lines).toHaveLength(3);
  });
});
