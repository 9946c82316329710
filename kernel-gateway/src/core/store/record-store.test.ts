import { describe, expect, it } from 'vitest';
import {
  event,
  EVENT,
  eventBytes,
  eventTypes,
  windowCells,
  windowRequest
} from '../../../../test/fixtures/event-rows.mjs';
import { appendEvents, columnCells, eventStore } from '../../../../test/fixtures/event-store.js';
import type { TypeTable } from '../object/type-table.js';
import { recordPayload } from './record-payload.js';
import { createRecordStore } from './record-store.js';

describe('RecordStore', () => {
  it('has columns of what bpflab adds, then of the record', () => {
    const specs = eventStore([]).columns.map(({ name, kind, role }) => `${name} ${kind} ${role}`);
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
    const made = eventStore([event({ id: 0xffff_ffff_ffff_fffen, delta: -2_000_000_000 })]);
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
    expect(columnCells(eventStore([event({ kind: 5 }), event({ kind: 9 })]), 'kind')).toEqual(['CLOSE', '9']);
  });

  it('adds the offset of the clocks to the time of a payload', () => {
    const made = createRecordStore({
      types: eventTypes,
      type: EVENT,
      source: 'ring',
      timeOffsetNs: 1_700_000_000_000_000_000n
    });
    made.append(recordPayload({ seq: 0, lost: 0n, monoNs: 5n }, [eventBytes(event())]));
    expect(columnCells(made, 'time')).toEqual(['1700000000000000005']);
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
    expect(columnCells(made, 'comm')).toEqual(['cu', 'cut', 'cut']);
    expect(columnCells(made, 'load')).toEqual(['0', '0', '0']);
  });

  it('shows a record of unknown type as bytes, and as another type once it is chosen', () => {
    const made = createRecordStore({ types: eventTypes, type: 0, source: 'ring' });
    made.append(recordPayload({ seq: 0, lost: 0n, monoNs: 0n }, [eventBytes(event()), new Uint8Array([1, 0xab])]));
    expect(columnCells(made, 'bytes')[1]).toBe('01 ab');
    made.setType(EVENT);
    expect(columnCells(made, 'comm')).toEqual(['bash', '']);
  });

  it('counts what was lost where it was lost', () => {
    const made = eventStore([event()]);
    expect(made.losses).toEqual({ kernel: '0', kernel_known: false, agent: '0', evicted: '0' });
    made.append(recordPayload({ seq: 9, lost: 4n, monoNs: 0n }, []));
    made.setKernelLost(3n);
    expect(made.losses).toEqual({ kernel: '3', kernel_known: true, agent: '4', evicted: '0' });
    const perf = eventStore([], { source: 'perf' });
    perf.append(recordPayload({ seq: 0, lost: 6n, monoNs: 0n }, []));
    expect(perf.losses).toEqual({ kernel: '6', kernel_known: true, agent: '0', evicted: '0' });
  });

  it('changes its version with every change and only then', () => {
    const made = eventStore([event()]);
    const before = made.version;
    made.window(windowRequest({ sort: { column: 'id', descending: true } }));
    made.text(3);
    expect(made.version).toBe(before);
    appendEvents(made, [event()]);
    expect(made.version).toBeGreaterThan(before);
    made.end();
    expect(made.state).toBe('ended');
  });

  it('refuses a payload whose record ends behind it, and keeps nothing of it', () => {
    const made = eventStore([event()]);
    const broken = recordPayload({ seq: 1, lost: 0n, monoNs: 0n }, [eventBytes(event()), eventBytes(event())]);
    expect(() => made.append(broken.subarray(0, broken.length - 8))).toThrow(/ends after its payload/);
    expect(() => made.append(new Uint8Array(7))).toThrow(/ends after its payload/);
    expect(made.totalRows).toBe(1n);
    appendEvents(made, [event({ pid: 8 })]);
    expect(columnCells(made, 'pid')).toEqual(['7', '8']);
  });

  it('is empty after drop', () => {
    const made = eventStore([event(), event()]);
    made.drop();
    expect(made.window(windowRequest()).message).toMatchObject({ count: 0, matching: '0', state: 'gone' });
  });
});

describe('text', () => {
  it('is an aligned table of the newest rows', () => {
    const made = eventStore([event({ pid: 1 }), event({ pid: 22, comm: '中文' }), event({ pid: 333 })]);
    const lines = made.text(2).split('\n');
    expect(lines[0]).toMatch(/^SEQ +TIME +ID +DELTA +PID +COMM +KIND +LOAD$/);
    expect(lines[1]).toMatch(/ 22 {2}中文 {2}OPEN +0$/);
    expect(lines[2]).toMatch(/333 {2}bash {2}OPEN +0$/);
    expect(lines).toHaveLength(3);
  });
});
