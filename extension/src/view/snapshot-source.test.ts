import { describe, expect, it } from 'vitest';
import type { ColumnSpec, ViewBundle } from 'kernel-gateway/protocol';
import { firstRows, SnapshotSource } from './snapshot-source.js';

const column = (name: string, kind: ColumnSpec['kind']): ColumnSpec => ({
  name,
  kind,
  c_type: '',
  unit: '',
  role: 'field'
});

const bundle: ViewBundle = {
  version: 1,
  view: 'v1',
  run: 'r1',
  session: 's1',
  kind: 'events',
  title: 'events',
  columns: [column('pid', 'u64'), column('delta', 'i64'), column('comm', 'text')],
  state: 'ended',
  alternatives: [],
  notes: [],
  snapshot: {
    total_rows: '9000',
    rows: [
      ['18446744073709551615', '-5', 'bash'],
      ['9', '3', 'Sleep'],
      ['18446744073709551614', '-20', 'curl'],
      ['10', '0', 'bash']
    ],
    losses: { kernel: '0', kernel_known: true, agent: '0', evicted: '8996' }
  }
};

const cells = (source: SnapshotSource, name: string): string[] =>
  Array.from({ length: source.window.count }, (_, row) => source.window.cell(row, name));

describe('SnapshotSource', () => {
  it('has the saved rows before anything is asked', () => {
    const { window } = new SnapshotSource(bundle);
    expect([window.count, window.matching, window.total]).toEqual([4, 4, '9000']);
  });

  it('sorts 64-bit numbers exactly, not as text and not as doubles', () => {
    const source = new SnapshotSource(bundle);
    source.request({ ...firstRows(10), sort: { column: 'pid', descending: false } });
    expect(cells(source, 'pid')).toEqual(['9', '10', '18446744073709551614', '18446744073709551615']);
    source.request({ ...firstRows(10), sort: { column: 'delta', descending: true } });
    expect(cells(source, 'delta')).toEqual(['3', '0', '-5', '-20']);
  });

  it('filters by number and by text without case', () => {
    const source = new SnapshotSource(bundle);
    source.request({ ...firstRows(10), filters: [{ column: 'pid', op: '>=', value: '10' }] });
    expect(source.window.matching).toBe(3);
    source.request({ ...firstRows(10), filters: [{ column: 'comm', op: 'contains', value: 'SLEE' }] });
    expect(cells(source, 'pid')).toEqual(['9']);
    source.request({ ...firstRows(10), filters: [{ column: 'comm', op: 'not contains', value: 'ash' }] });
    expect(cells(source, 'comm')).toEqual(['Sleep', 'curl']);
  });

  it('gives a part of the rows, and the last ones when it follows', () => {
    const source = new SnapshotSource(bundle);
    source.request({ ...firstRows(2), first: 1 });
    expect([source.window.first, cells(source, 'comm')]).toEqual([1, ['Sleep', 'curl']]);
    source.request({ ...firstRows(2), follow: true });
    expect([source.window.first, cells(source, 'comm')]).toEqual([2, ['curl', 'bash']]);
  });

  it('tells its viewers when a newer snapshot comes', () => {
    const source = new SnapshotSource(bundle);
    const totals: string[] = [];
    source.changed.connect((_, window) => totals.push(window.total));
    source.update({ ...bundle, snapshot: { ...bundle.snapshot, total_rows: '9001' } });
    expect(totals).toEqual(['9001']);
  });
});
