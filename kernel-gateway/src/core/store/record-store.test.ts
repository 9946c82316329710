import { describe, expect, it } from 'vitest';
import {
  event,
  EVENT,
  eventBytes,
  eventTypes,
  windowCells,
  windowRequest
} from '../../../../test/fixtures/event-rows.mjs';
import type { TypeTable } from '../object/type-table.js';
import type { WindowRequest } from '../../protocol/index.js';
import { recordPayload } from './record-payload.js';
import { createRecordStore, type RecordStore, type RecordStoreOptions } from './record-store.js';

type Event = ReturnType<typeof event>;

function store(events: Event[], options: Partial<RecordStoreOptions> = {}, perPayload = 3): RecordStore {
  const made = createRecordStore({ types: eventTypes, type: EVENT, source: 'ring', ...options });
  append(made, events, perPayload);
  return made;
}

function append(made: RecordStore, events: Event[], perPayload = 3): void {
  for (let at = 0; at < events.length; at += perPayload) {
    const header = { seq: Number(made.totalRows), lost: 0n, monoNs: BigInt(at) };
    made.append(recordPayload(header, events.slice(at, at + perPayload).map(eventBytes)));
  }
}

const column = (made: RecordStore, name: string, change: Partial<WindowRequest> = {}): string[] =>
  windowCells(made, { ...change, columns: [name] }).map(([cell]) => cell ?? '');

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
    expect(windowCells(made, { columns: ['id', 'delta'] })).toEqual([['18446744073709551614', '-2000000000']]);
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
    const made = createRecordStore({
      types: eventTypes,
      type: EVENT,
      source: 'ring',
      timeOffsetNs: 1_700_000_000_000_000_000n
    });
    made.append(recordPayload({ seq: 0, lost: 0n, monoNs: 5n }, [eventBytes(event())]));
    expect(column(made, 'time')).toEqual(['1700000000000000005']);
    expect(made.columns[1]).toMatchObject({ unit: 'unix_ns' });
  });

  it('names its own columns apart when the record has the same names', () => {
    const clash: TypeTable = { types: [...eventTypes.types] };
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
    const made = createRecordStore({ types: eventTypes, type: EVENT, source: 'ring' });
    const whole = eventBytes(event({ comm: 'cut' }));
    const long = new Uint8Array(100).fill(0xff);
    long.set(whole);
    made.append(recordPayload({ seq: 0, lost: 0n, monoNs: 0n }, [whole.subarray(0, 18), long, whole]));
    expect(column(made, 'comm')).toEqual(['cu', 'cut', 'cut']);
    expect(column(made, 'load')).toEqual(['0', '0', '0']);
  });

  it('shows a record of unknown type as bytes, and as another type once it is chosen', () => {
    const made = createRecordStore({ types: eventTypes, type: 0, source: 'ring' });
    made.append(recordPayload({ seq: 0, lost: 0n, monoNs: 0n }, [eventBytes(event()), new Uint8Array([1, 0xab])]));
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
    made.window(windowRequest({ sort: { column: 'id', descending: true } }));
    made.text(3);
    expect(made.version).toBe(before);
    append(made, [event()]);
    expect(made.version).toBeGreaterThan(before);
    made.end();
    expect(made.state).toBe('ended');
  });

  it('refuses a payload whose record ends behind it, and keeps nothing of it', () => {
    const made = store([event()]);
    const broken = recordPayload({ seq: 1, lost: 0n, monoNs: 0n }, [eventBytes(event()), eventBytes(event())]);
    expect(() => made.append(broken.subarray(0, broken.length - 8))).toThrow(/ends after its payload/);
    expect(() => made.append(new Uint8Array(7))).toThrow(/ends after its payload/);
    expect(made.totalRows).toBe(1n);
    append(made, [event({ pid: 8 })]);
    expect(column(made, 'pid')).toEqual(['7', '8']);
  });

  it('is empty after drop', () => {
    const made = store([event(), event()]);
    made.drop();
    expect(made.window(windowRequest()).message).toMatchObject({ count: 0, matching: '0', state: 'gone' });
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
