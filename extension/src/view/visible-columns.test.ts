import type { ColumnSpec } from 'kernel-gateway/protocol';
import { describe, expect, it } from 'vitest';
import { allColumns, isDerived, MAX_SHOWN_COLUMNS, visibleColumns } from './visible-columns.js';

const column = (name: string, over: Partial<ColumnSpec> = {}): ColumnSpec => ({
  name,
  kind: 'u64',
  c_type: '',
  unit: '',
  role: 'value',
  ...over
});
const captions = { key: 'key in hex', value: 'value in hex', delta: 'gain' };
const names = (columns: readonly ColumnSpec[]): string[] => columns.map(({ name }) => name);

describe('columns of a table', () => {
  it('of a per-CPU map are the sums; bytes and single CPUs are there to choose', () => {
    const bundle = {
      kind: 'map' as const,
      columns: [
        column('key', { role: 'key' }),
        column('count'),
        column('count@0', { per_cpu: { of: 'count', cpu: 0 } }),
        column('count@1', { per_cpu: { of: 'count', cpu: 1 } }),
        column('comm@0', { kind: 'text', per_cpu: { of: 'comm', cpu: 0 } })
      ]
    };
    const all = allColumns(bundle, captions, false);
    // What has no sum is shown by CPU.
    expect(names(visibleColumns(bundle, all, new Map()))).toEqual(['key', 'count', 'comm@0']);
    const live = allColumns(bundle, captions, true);
    expect(names(visibleColumns(bundle, live, new Map()))).toEqual(['key', 'count', 'Δcount', 'comm@0']);
    expect(live.filter(isDerived).map(({ name }) => name)).toEqual([
      'Δcount',
      'Δcount@0',
      'Δcount@1',
      '@key',
      '@value'
    ]);
    const chosen = new Map([
      ['@key', true],
      ['count@1', true],
      ['key', false]
    ]);
    expect(names(visibleColumns(bundle, all, chosen))).toEqual(['count', 'count@1', 'comm@0', '@key']);
  });

  it('of a struct of 4,000 fields are few, and all can be chosen', () => {
    const columns = Array.from({ length: 4000 }, (_, index) => column(`f${index}`, { role: 'field' }));
    const bundle = { kind: 'events' as const, columns };
    expect(visibleColumns(bundle, allColumns(bundle, captions, true), new Map())).toHaveLength(MAX_SHOWN_COLUMNS);
    expect(names(visibleColumns(bundle, columns, new Map([['f3999', true]]))).at(-1)).toBe('f3999');
  });

  it('are never none', () => {
    const bundle = { kind: 'events' as const, columns: [column('a'), column('b')] };
    const none = new Map([
      ['a', false],
      ['b', false]
    ]);
    expect(names(visibleColumns(bundle, bundle.columns, none))).toEqual(['a']);
  });
});
