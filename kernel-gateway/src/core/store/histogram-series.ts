import type { HistogramSeries } from '../../protocol/index.js';
import type { Column, Row } from '../decode/column.js';
import { columnsOf } from '../decode/columns-of.js';
import { integerWords } from '../decode/integer-words.js';
import type { HistogramShape } from '../decode/recognize-histogram.js';
import type { MapSpec } from '../object/object-spec.js';
import type { TypeTable } from '../object/type-table.js';
import { perCpuStride } from './per-cpu-columns.js';
import type { RowChunks } from './row-chunks.js';
import { cellText } from './row-window.js';

/** More histograms than this are not drawn at once: those with the most values are. */
const MAX_SERIES = 32;

/** The map that the rows are of. */
interface MapContext {
  types: TypeTable;
  map: MapSpec;
  cpus: number;
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

/** Histograms of a map's entries: one of all of them, or one per key, those with the most values first. */
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
      if (slot < counts.length) counts[slot] = read(row, 0);
    });
    return [series('', counts)];
  }
  const keys = columnsOf(context.types, context.map.keyType, { name: 'key', role: 'key' });
  const all: { total: bigint; key: string; counts: bigint[] }[] = [];
  rows.scan(rows.first, rows.end, row => {
    const counts = Array.from({ length: shape.count }, (_unused, slot) => read(row, slot));
    const total = counts.reduce((sum, count) => sum + count, 0n);
    if (total === 0n && context.map.type.includes('array')) return;
    all.push({ total, counts, key: shape.keyName === '' ? '' : keyText(keys, row) });
  });
  all.sort((left, right) => (left.total < right.total ? 1 : left.total > right.total ? -1 : 0));
  return all.slice(0, MAX_SERIES).map(({ key, counts }) => series(key, counts));
}
