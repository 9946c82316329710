import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { event, EVENT, eventBytes, eventTypes } from '../../../../test/fixtures/event-rows.mjs';
import type { ExportFormat } from '../../core/export/export-format.js';
import { recordPayload } from '../../core/store/record-payload.js';
import { createRecordStore, type RecordStore } from '../../core/store/record-store.js';
import type { RowsRequest } from '../../core/store/store-rows.js';
import { exportRows } from './export-rows.js';

type Event = ReturnType<typeof event>;

function store(records: Uint8Array[], maxRows = 1_000_000): RecordStore {
  const made = createRecordStore({ types: eventTypes, type: EVENT, source: 'ring', limits: { maxRows } });
  append(made, records);
  return made;
}

function append(made: RecordStore, records: Uint8Array[]): void {
  for (let at = 0; at < records.length; at += 500) {
    const header = { seq: Number(made.totalRows), lost: 0n, monoNs: 0n };
    made.append(recordPayload(header, records.slice(at, at + 500)));
  }
}

async function exported(made: RecordStore, format: ExportFormat, change: Partial<RowsRequest> = {}): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of exportRows(made.rows({ filters: [], ...change }), format)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const readParquet = (bytes: Buffer): Promise<Record<string, unknown>[]> => {
  const { buffer } = Uint8Array.from(bytes);
  return parquetReadObjects({ file: { byteLength: buffer.byteLength, slice: (from, to) => buffer.slice(from, to) } });
};

const columns = ['id', 'delta', 'comm', 'kind', 'load'];
const odd = [
  event({ id: 2n ** 64n - 1n, delta: -1, comm: 'a "b", c', kind: 5, load: 0.1 }),
  event({ id: 0n, delta: 2 ** 31 - 1, comm: '中文', kind: 9, load: Infinity })
];

/** Bytes that are no UTF-8 in the text. */
function brokenText(): Uint8Array {
  const bytes = eventBytes(event({ id: 5n }));
  bytes.set([0x61, 0xff, 0x0a, 0x62, 0], 16);
  return bytes;
}

describe('exportRows', () => {
  it('writes CSV as RFC 4180 says', async () => {
    const made = store([...odd.map(eventBytes), brokenText()]);
    expect((await exported(made, 'csv', { columns })).toString()).toBe(
      'id,delta,comm,kind,load\r\n' +
        '18446744073709551615,-1,"a ""b"", c",CLOSE,0.1\r\n' +
        '0,2147483647,中文,9,Infinity\r\n' +
        '5,0,a\\xff\\nb,OPEN,0\r\n'
    );
  });

  it('writes JSON with 64-bit integers as strings, whole or by line', async () => {
    const made = store(odd.map(eventBytes));
    const wanted = [
      { id: '18446744073709551615', delta: '-1', comm: 'a "b", c', kind: 'CLOSE', load: 0.1 },
      { id: '0', delta: '2147483647', comm: '中文', kind: '9', load: null }
    ];
    expect(JSON.parse((await exported(made, 'json', { columns })).toString())).toEqual(wanted);
    const lines = (await exported(made, 'jsonl', { columns })).toString();
    expect(
      lines
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as unknown)
    ).toEqual(wanted);
    expect(lines.endsWith('}\n')).toBe(true);
  });

  it('writes Parquet that another reader reads back, exactly', async () => {
    const bytes = await exported(store([...odd.map(eventBytes), brokenText()]), 'parquet', { columns });
    expect(await readParquet(bytes)).toEqual([
      { id: 2n ** 64n - 1n, delta: -1n, comm: 'a "b", c', kind: 'CLOSE', load: 0.1 },
      { id: 0n, delta: 2147483647n, comm: '中文', kind: '9', load: Infinity },
      { id: 5n, delta: 0n, comm: 'a\\xff\\nb', kind: 'OPEN', load: 0 }
    ]);
    const { schema, key_value_metadata } = parquetMetadata(Uint8Array.from(bytes).buffer);
    expect(schema.find(one => one.name === 'id')).toMatchObject({ type: 'INT64', converted_type: 'UINT_64' });
    expect(key_value_metadata?.[0]?.value).toContain('"c_type":"unsigned long long"');
  });

  it.each(['csv', 'json', 'jsonl', 'parquet'] as const)('writes no rows as %s', async format => {
    const bytes = await exported(store([]), format, { columns });
    if (format === 'parquet') expect(await readParquet(bytes)).toEqual([]);
    else expect(bytes.toString()).toBe({ csv: 'id,delta,comm,kind,load\r\n', json: '[]\n', jsonl: '' }[format]);
  });

  it('takes the rows that a filter keeps, in the order that is asked for', async () => {
    const made = store(Array.from({ length: 50 }, (_unused, pid) => eventBytes(event({ pid }))));
    const change = { where: 'pid in (3, 30, 7)', sort: { column: 'pid', descending: true }, columns: ['pid'] };
    expect((await exported(made, 'csv', change)).toString()).toBe('pid\r\n30\r\n7\r\n3\r\n');
    expect(() => made.rows({ filters: [], where: 'pid ==' })).toThrow(
      expect.objectContaining({ code: 'BPFLAB_VIEW_FILTER' }) as Error
    );
  });

  it('writes many rows in pieces of bounded size, and none that came later', async () => {
    const made = store(Array.from({ length: 120_000 }, (_unused, pid) => eventBytes(event({ pid }))));
    for (const format of ['csv', 'jsonl', 'parquet'] as const) {
      const before = Number(made.totalRows);
      let pieces = 0;
      let largest = 0;
      const all: Uint8Array[] = [];
      for await (const piece of exportRows(made.rows({ filters: [], columns: ['pid', 'comm'] }), format)) {
        if (pieces++ === 1) append(made, [eventBytes(event())]);
        largest = Math.max(largest, piece.length);
        all.push(piece);
      }
      expect(pieces).toBeGreaterThan(2);
      expect(largest).toBeLessThan(1_000_000);
      const bytes = Buffer.concat(all);
      const rows = format === 'parquet' ? await readParquet(bytes) : bytes.toString().trimEnd().split('\n');
      expect(rows.length).toBe(format === 'csv' ? before + 1 : before);
    }
  });

  it('counts the rows that were evicted before they were written', async () => {
    const many = Array.from({ length: 10_000 }, (_unused, pid) => eventBytes(event({ pid })));
    const made = store(many, 10_000);
    const rows = made.rows({ filters: [], columns: ['pid'] });
    let text = '';
    for await (const piece of exportRows(rows, 'csv')) {
      if (text === '') append(made, many.slice(0, 5000));
      text += Buffer.from(piece).toString();
    }
    expect(rows.missing).toBe(5000);
    const pids = text.trimEnd().split('\r\n').slice(1).map(Number);
    expect(pids).toEqual(Array.from({ length: 5000 }, (_unused, index) => 5000 + index));
  });

  it('is exact for any number and text', async () => {
    const anyEvent: fc.Arbitrary<Event> = fc.record({
      id: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      delta: fc.integer(),
      pid: fc.nat(),
      comm: fc.stringMatching(/^[ -[\]-~]{0,12}$/),
      kind: fc.constantFrom(0, 5),
      load: fc.double({ noNaN: true })
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { maxLength: 30 }), async events => {
        const made = store(events.map(eventBytes));
        const wanted = events.map(({ id, delta, comm, load }) => ({ id, delta: BigInt(delta), comm, load }));
        const bytes = await exported(made, 'parquet', { columns: ['id', 'delta', 'comm', 'load'] });
        expect(await readParquet(bytes)).toEqual(wanted);
      }),
      { numRuns: 60 }
    );
  });
});
