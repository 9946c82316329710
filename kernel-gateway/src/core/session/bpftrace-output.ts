/**
 * What bpftrace says with `-f json`: one object a line (bpftrace/src/output.cpp, versions 0.20 to 0.27). 64-bit numbers
 * are exact: those beyond 2^53 are read from their digits.
 */
import type { HistogramSeries } from '../../protocol/index.js';
import type { TableCell } from './table-store.js';

/** Contents of one bpftrace map: rows of a table, and its histograms when it holds some. */
export interface BpftraceMap {
  name: string;
  columns: { name: string; kind: 'i64' | 'text'; role: 'key' | 'value' }[];
  rows: TableCell[][];
  histograms: HistogramSeries[] | null;
}

/** One line of bpftrace's output. */
export type BpftraceLine =
  | { kind: 'attached'; probes: number }
  | { kind: 'text'; text: string }
  | { kind: 'maps'; maps: BpftraceMap[] };

type Value = string | number | bigint | boolean | null | Value[] | { [key: string]: Value };

/** Reads one line; a line that is no JSON is text. */
export function parseBpftraceLine(line: string): BpftraceLine {
  const parsed = parseJson(line);
  if (!isObject(parsed) || typeof parsed['type'] !== 'string') {
    return { kind: 'text', text: `${line}\n` };
  }
  return readMessage(parsed);
}

function readMessage(parsed: { [key: string]: Value }): BpftraceLine {
  const data = parsed['data'] ?? null;
  const members = isObject(data) ? data : {};
  switch (parsed['type']) {
    case 'attached_probes':
      return { kind: 'attached', probes: Number(members['probes'] ?? 0) };
    case 'map':
    case 'stats':
      return { kind: 'maps', maps: Object.entries(members).map(([name, value]) => tableOf(name, value)) };
    case 'hist':
      return { kind: 'maps', maps: Object.entries(members).map(([name, value]) => histOf(name, value)) };
    case 'lost_events':
      return { kind: 'text', text: `[lost ${textOf(members['events'] ?? null)} events]\n` };
    default:
      return { kind: 'text', text: typeof data === 'string' ? data : `${textOf(data)}\n` };
  }
}

function parseJson(line: string): Value {
  const exact = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? '0')
      : value;
  try {
    return JSON.parse(line, exact) as Value;
  } catch {
    return null;
  }
}

function isObject(value: Value): value is { [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: Value): string {
  if (typeof value === 'object') {
    return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
  }
  return String(value);
}

function cellOf(value: Value): TableCell {
  if (typeof value === 'bigint') {
    return value;
  }
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : textOf(value);
}

/** `@x = 5`, `@x[key] = 5`, `@x[key] = {count, average, total}`. */
function tableOf(name: string, value: Value): BpftraceMap {
  const hasKeys = isObject(value) && !isStatistics(value);
  const entries: [string, Value][] = hasKeys ? Object.entries(value) : [['', value]];
  const fields = fieldsOf(entries.map(entry => entry[1]));
  const rows = entries.map(([key, one]) => [
    ...(hasKeys ? [key] : []),
    ...fields.map(field => cellOf(field === 'value' ? one : isObject(one) ? (one[field] ?? null) : null))
  ]);
  return { name, ...columnsOf(hasKeys ? ['key'] : [], fields, rows), histograms: null };
}

function isStatistics(value: { [key: string]: Value }): boolean {
  return 'count' in value && 'average' in value;
}

function fieldsOf(values: Value[]): string[] {
  const first = values[0] ?? null;
  return isObject(first) ? Object.keys(first) : ['value'];
}

function columnsOf(
  keys: string[],
  fields: string[],
  rows: TableCell[][]
): { columns: BpftraceMap['columns']; rows: TableCell[][] } {
  const names = [...keys, ...fields];
  const columns = names.map((name, index) => {
    const isNumber = rows.every(row => typeof row[index] === 'bigint');
    const role = index < keys.length ? ('key' as const) : ('value' as const);
    return { name, kind: isNumber && rows.length > 0 ? ('i64' as const) : ('text' as const), role };
  });
  const even = rows.map(row => row.map((cell, index) => (columns[index]?.kind === 'text' ? String(cell) : cell)));
  return { columns, rows: even };
}

/** `@h = hist()`, `@h[key] = hist()`, and `lhist()`, which has equal steps. */
function histOf(name: string, value: Value): BpftraceMap {
  const entries: [string, Value][] = isObject(value) ? Object.entries(value) : [['', value]];
  const histograms = entries.map(([key, buckets]) => seriesOf(key, Array.isArray(buckets) ? buckets : []));
  const rows = histograms.flatMap(one =>
    one.buckets.map(bucket => [one.key, bucket.low, bucket.high, BigInt(bucket.count)])
  );
  const columns: BpftraceMap['columns'] = [
    { name: 'key', kind: 'text', role: 'key' },
    { name: 'low', kind: 'text', role: 'key' },
    { name: 'high', kind: 'text', role: 'key' },
    { name: 'count', kind: 'i64', role: 'value' }
  ];
  return { name, columns, rows, histograms };
}

function seriesOf(key: string, values: Value[]): HistogramSeries {
  const buckets = values.filter(isObject).map(bucket => ({
    low: bucket['min'] === undefined ? '…' : textOf(bucket['min']),
    high: bucket['max'] === undefined ? '…' : textOf(bucket['max']),
    count: textOf(bucket['count'] ?? 0)
  }));
  return { key, scale: isLinear(buckets) ? 'linear' : 'log2', unit: '', buckets };
}

function isLinear(buckets: HistogramSeries['buckets']): boolean {
  const widths = buckets
    .filter(bucket => bucket.low !== '…' && bucket.high !== '…')
    .map(bucket => BigInt(bucket.high) - BigInt(bucket.low));
  return widths.length > 1 && widths.every(width => width === widths[0]);
}
