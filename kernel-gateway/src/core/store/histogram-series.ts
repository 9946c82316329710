import type { HistogramSeries } from '../../protocol/index.js';
import type { Column, Row } from '../decode/column.js';
import { columnsOf } from '../decode/columns-of.js';
import { integerWords } from '../decode/integer-words.js';
import type { HistogramShape } from '../decode/recognize-histogram.js';
import type { MapSpec } from '../object/object-spec.js';
import type { TypeTable } from '../object/type-table.js';
import { perCpuStride } from './per-cpu-columns.js';
import type { RowChunks } from './row-chunks.js';
import type { StoreNodes } from './store-nodes.js';
import { cellText } from './row-window.js';

/** More histograms than this are not drawn at once: those with the most values are. */
const MAX_SERIES = 32;

/** The map that the rows are of. */
interface MapContext {
  types: TypeTable;
  map: MapSpec;
  cpus: number;
  nodes?: StoreNodes | undefined;
}

/** Reads slot `index` of an entry: the sum over all CPUs in a per-CPU map. */
function slotReader(shape: HistogramShape, { map, cpus }: MapContext): (row: Row, index: number) => bigint {
  const isPerCpu = map.type.includes('percpu');
  const stride = perCpuStride(map.valueSize);
  const places = Array.from(
    { length: isPerCpu ? cpus : 1 },
    (_unused, cpu) => map.keySize + cpu * stride + shape.offset
  );
  return (row, index) => {
    let sum = 0n;
    for (const place of places) {
      const at = row.at + place + index * shape.slotBytes;
      sum += shape.slotBytes === 8 ? row.view.getBigUint64(at, true) : BigInt(row.view.getUint32(at, true));
    }
    return sum;
  };
}

function bucketsOf(shape: HistogramShape, counts: bigint[]): HistogramSeries['buckets'] {
  const last = counts.findLastIndex(count => count > 0n);
  return counts.slice(0, last + 1).map((count, index) => {
    if (shape.scale === 'linear') return { low: String(index), high: String(index), count: String(count) };
    const low = index === 0 ? 0n : 1n << BigInt(index);
    return { low: String(low), high: String((1n << BigInt(index + 1)) - 1n), count: String(count) };
  });
}

function keyText(columns: Column[], row: Row): string {
  return columns.map(column => cellText(column, row)).join(', ');
}

interface Counted {
  total: bigint;
  key: string;
  counts: bigint[];
}

function sumsByKey(all: readonly Counted[]): Counted[] {
  const sums = new Map<string, Counted>();
  for (const { key, total, counts } of all) {
    const sum = sums.get(key);
    if (sum === undefined) {
      sums.set(key, { key, total, counts: [...counts] });
      continue;
    }
    sum.total += total;
    counts.forEach((count, slot) => (sum.counts[slot] = (sum.counts[slot] ?? 0n) + count));
  }
  return [...sums.values()];
}

/**
 * Histograms of a map's entries: one of all of them, or one per key, those with the most values first. Entries of the same
 * key of several nodes add up.
 */
export function histogramSeries(rows: RowChunks, shape: HistogramShape, context: MapContext): HistogramSeries[] {
  const read = slotReader(shape, context);
  const series = (key: string, counts: bigint[]): HistogramSeries => ({
    key,
    scale: shape.scale,
    unit: shape.unit,
    buckets: bucketsOf(shape, counts)
  });
  if (shape.slots === 'entries') {
    const counts = new Array<bigint>(shape.count).fill(0n);
    const index = integerWords(0, context.map.keySize, false);
    rows.scan(rows.first, rows.end, row => {
      const slot = index.low(row);
      if (slot < counts.length) counts[slot] = (counts[slot] as bigint) + read(row, 0);
    });
    return [series('', counts)];
  }
  const keys = columnsOf(context.types, context.map.keyType, { name: 'key', role: 'key' });
  const all: Counted[] = [];
  rows.scan(rows.first, rows.end, row => {
    const counts = Array.from({ length: shape.count }, (_unused, slot) => read(row, slot));
    const total = counts.reduce((sum, count) => sum + count, 0n);
    if (total === 0n && context.map.type.includes('array')) return;
    all.push({ total, counts, key: shape.keyName === '' ? '' : keyText(keys, row) });
  });
  const sums = context.nodes === undefined ? all : sumsByKey(all);
  sums.sort((left, right) => (left.total < right.total ? 1 : left.total > right.total ? -1 : 0));
  return sums.slice(0, MAX_SERIES).map(({ key, counts }) => series(key, counts));
}
