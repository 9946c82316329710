import type { Store } from '../store/store.js';
import type { Counter } from './view-history.js';
import { readWindow } from './read-window.js';

/** Entries and columns that a course over time looks at. */
const MAX_ENTRIES = 256;
const MAX_COLUMNS = 4;

/** The whole numbers of a map's first entries, named by their keys; per-CPU ones are the sums. `isSingle`: there is one entry only. */
export function mapCounters(store: Store, isSingle: boolean): Counter[] {
  const keys = store.columns.filter(column => column.role === 'key');
  const values = valueColumns(store);
  if (values.length === 0) return [];
  const columns = [...keys, ...values];
  const window = store.window({
    type: 'window',
    first: 0,
    count: MAX_ENTRIES,
    follow: false,
    columns: columns.map(column => column.name),
    filters: [],
    paused: false
  });
  const rows = readWindow(window.message, window.buffers);
  return rows.flatMap(row => {
    const key = row.slice(0, keys.length).map(String).join(', ');
    return values.map((column, index) => {
      const value = row[keys.length + index];
      const name = isSingle ? column.name : values.length > 1 ? `${key} · ${column.name}` : key;
      return { name, value: typeof value === 'bigint' ? value : 0n };
    });
  });
}

/** Whether a map has numbers whose course over time says something. */
export function hasCounters(store: Store): boolean {
  return valueColumns(store).length > 0;
}

function valueColumns(store: Store): Store['columns'] {
  return store.columns
    .filter(
      ({ role, kind, per_cpu: part }) => role === 'value' && part === undefined && (kind === 'u64' || kind === 'i64')
    )
    .slice(0, MAX_COLUMNS);
}
