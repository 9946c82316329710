import { MAP_HEX_COLUMNS, type HistogramSeries, type Losses } from '../../protocol/index.js';
import { columnsOf, hexColumn } from '../decode/columns-of.js';
import type { Column, Row } from '../decode/column.js';
import { histogramsText } from '../decode/histogram-text.js';
import type { HistogramShape } from '../decode/recognize-histogram.js';
import type { MapSpec } from '../object/object-spec.js';
import type { TypeId, TypeTable } from '../object/type-table.js';
import { deltaColumns } from './delta-columns.js';
import { histogramSeries } from './histogram-series.js';
import { perCpuColumns, perCpuStride } from './per-cpu-columns.js';
import { PreviousRows } from './previous-rows.js';
import { RowChunks, type RowLimits } from './row-chunks.js';
import { nodeColumn, type StoreNodes } from './store-nodes.js';
import { RowStore } from './row-store.js';

/** How a map store is made. */
export interface MapStoreOptions {
  types: TypeTable;
  map: MapSpec;
  /** Possible CPUs of the target: so many values has an entry of a per-CPU map. */
  cpus: number;
  /** The nodes that have a map of that name each; absent: one. */
  nodes?: StoreNodes | undefined;
  /** Draws the map as histograms too. */
  histogram?: HistogramShape | null;
  limits?: Partial<RowLimits>;
}

const DEFAULT_LIMITS: RowLimits = {
  maxRows: 8_000_000,
  maxBytes: 1024 * 1024 * 1024,
  memoryBytes: 1024 * 1024 * 1024
};

/** True for map types whose values are one per CPU. */
export function isPerCpu(mapType: string): boolean {
  return mapType.includes('percpu');
}

/** Keys and values of a map whose types are not known are shown as bytes of this many columns at most. */
function bytesColumn(name: string, role: 'key' | 'value', place: { offset: number; size: number }): Column[] {
  if (place.size === 0) return [];
  const { types, type } = bytesType(place.size);
  return columnsOf(types, type, { name, role, offset: place.offset });
}

/** The type by which keys and values are read and written whose own is not known: a number where the size allows it. */
export function bytesType(size: number): { types: TypeTable; type: TypeId } {
  const types: TypeTable = {
    types: [
      { kind: 'void' },
      { kind: 'int', name: 'unsigned char', size: 1, encoding: 'unsigned' },
      { kind: 'array', element: 1, count: size },
      { kind: 'int', name: 'unsigned int', size: 4, encoding: 'unsigned' },
      { kind: 'int', name: 'unsigned long long', size: 8, encoding: 'unsigned' }
    ]
  };
  return { types, type: size === 4 ? 3 : size === 8 ? 4 : 2 };
}

/** Names that key and value both have get their side in front: `key.pid`, `value.pid`. */
function sidesApart(keys: Column[], values: Column[]): Column[] {
  const names = new Set(keys.map(column => column.spec.name));
  const shared = new Set(values.map(column => column.spec.name).filter(name => names.has(name)));
  return [...keys, ...values].map(column =>
    shared.has(column.spec.name)
      ? { ...column, spec: { ...column.spec, name: `${column.spec.role}.${column.spec.name}` } }
      : column
  );
}

/**
 * Contents of a map at its last full read: one row per entry, key columns before value columns. A read is collected
 * aside (`begin`, `append` …, `commit`), so that windows never show half of it.
 */
export class MapStore extends RowStore {
  readonly #limits: RowLimits;
  /** Bytes of one entry: key and value, of a per-CPU map all values. */
  readonly rowBytes: number;
  readonly #valueBytes: number;
  readonly #options: MapStoreOptions;
  #reading: RowChunks | null = null;
  /** The read before the newest; kept only while somebody looks at what was gained since. */
  #previous: PreviousRows | null = null;
  #isGainWanted = false;

  constructor(options: MapStoreOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const { map, cpus } = options;
    const valueBytes = isPerCpu(map.type) ? perCpuStride(map.valueSize) * cpus : map.valueSize;
    const rowBytes = Math.max(8, map.keySize + valueBytes);
    super(new RowChunks({ limits, rowBytes, spill: null }));
    this.#limits = limits;
    this.rowBytes = rowBytes;
    this.#valueBytes = valueBytes;
    this.#options = options;
    const entry = sidesApart(this.#keyColumns(), this.#valueColumns());
    const columns = [...this.#nodeColumns(entry), ...entry];
    this.setColumns(columns, [
      ...deltaColumns(entry, row => this.#entryBefore(row)),
      hexColumn({ name: MAP_HEX_COLUMNS.key, role: 'key' }, 0, map.keySize),
      hexColumn({ name: MAP_HEX_COLUMNS.value, role: 'value' }, map.keySize, valueBytes)
    ]);
  }

  get totalRows(): bigint {
    return BigInt(this.chunks.end);
  }

  get losses(): Losses {
    return { kernel: '0', kernel_known: true, agent: '0', evicted: String(this.chunks.first) };
  }

  /** Starts a read; one that was under way is thrown away. */
  begin(): void {
    this.#reading = new RowChunks({ limits: this.#limits, rowBytes: this.rowBytes, spill: null });
  }

  /** Adds a DATA payload of a `map_read` stream. @throws LabError BPFLAB_AGENT_PROTOCOL */
  append(payload: Uint8Array, node = 0): void {
    if (!this.#reading) this.begin();
    this.#reading?.append(payload, 0n, node);
  }

  /** The read is complete: its entries replace those of before. Nothing changes when they are the same. */
  commit(): void {
    const read = this.#reading ?? new RowChunks({ limits: this.#limits, rowBytes: this.rowBytes, spill: null });
    this.#reading = null;
    if (read.hasSameRows(this.chunks)) {
      this.settle();
      return;
    }
    this.#previous = this.#takePrevious();
    this.replaceChunks(read);
  }

  /** A read brought the same entries as the one before: nothing was gained since. */
  settle(): void {
    if (!this.#previous || this.#previous.chunks === this.chunks) return;
    this.#previous = this.#takePrevious();
    this.indexes.clear();
    this.changed();
  }

  #takePrevious(): PreviousRows | null {
    const isWanted = this.#isGainWanted;
    this.#isGainWanted = false;
    return isWanted ? new PreviousRows(this.chunks, this.#options.map.keySize) : null;
  }

  #entryBefore(row: Row): Row | null | undefined {
    this.#isGainWanted = true;
    const node = this.#options.nodes ? this.chunks.batchOf(row.number).node : null;
    return this.#previous?.find(row, node);
  }

  /** Key and value bytes of the row at that place of a window, for editing and deleting it; null when there is none. */
  entry(row: number): { key: Uint8Array; value: Uint8Array } | null {
    if (row < this.chunks.first || row >= this.chunks.end) return null;
    const at = this.chunks.makeRow();
    this.chunks.seek(at, row);
    const { keySize } = this.#options.map;
    const bytes = at.bytes.slice(at.at, at.at + at.length);
    return { key: bytes.slice(0, keySize), value: bytes.slice(keySize) };
  }

  override histograms(): HistogramSeries[] | null {
    const shape = this.#options.histogram;
    if (!shape) return null;
    return histogramSeries(this.chunks, shape, this.#options);
  }

  override text(maxRows: number): string {
    const shape = this.#options.histogram;
    const series = this.histograms();
    return shape && series ? histogramsText(series, shape.keyName) : super.text(maxRows);
  }

  /** A map's snapshot shows its first entries, in the order of the read. */
  protected override shownRows(maxRows: number): number[] {
    const { first, end } = this.chunks;
    return Array.from({ length: Math.min(maxRows, end - first) }, (_unused, index) => first + index);
  }

  #nodeColumns(entry: readonly Column[]): Column[] {
    const { nodes } = this.#options;
    if (!nodes) return [];
    const isTaken = entry.some(column => column.spec.name === 'node');
    // Reads replace one another: the column looks at the rows that are shown when it is asked.
    const batchOf = (row: number): { node: number } => this.chunks.batchOf(row);
    return [nodeColumn({ batchOf }, nodes, isTaken ? '@node' : 'node')];
  }

  #keyColumns(): Column[] {
    const { types, map } = this.#options;
    if (map.keyType === 0) return bytesColumn('key', 'key', { offset: 0, size: map.keySize });
    return columnsOf(types, map.keyType, { name: 'key', role: 'key' });
  }

  #valueColumns(): Column[] {
    const { types, map, cpus } = this.#options;
    const offset = map.keySize;
    if (map.valueType === 0) return bytesColumn('value', 'value', { offset, size: this.#valueBytes });
    if (isPerCpu(map.type)) return perCpuColumns(types, map.valueType, { offset, cpus });
    return columnsOf(types, map.valueType, { name: 'value', role: 'value', offset });
  }
}

/** A store of the contents of one map. `drop()` frees it. */
export function createMapStore(options: MapStoreOptions): MapStore {
  return new MapStore(options);
}
