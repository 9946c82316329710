import type { Losses } from '../../protocol/index.js';
import { columnsOf } from '../decode/columns-of.js';
import type { Column } from '../decode/column.js';
import { rowBytesOf } from '../decode/value-text.js';
import type { TypeId, TypeTable } from '../object/type-table.js';
import { NodeCounts, nodeColumn, type NodeCount, type StoreNodes } from './store-nodes.js';
import { RowChunks, type ChunkSpill, type RowLimits } from './row-chunks.js';
import { RowStore } from './row-store.js';

/** How a record store is made. */
export interface RecordStoreOptions {
  types: TypeTable;
  /** Type of the records; 0 when it is not known (one column of hex). */
  type: TypeId;
  /** `ring`: records carry no CPU, and what the kernel loses is not known. `perf`: they do, and `lost` is the kernel's count. */
  source: 'ring' | 'perf';
  /** Added to the target's CLOCK_MONOTONIC to make the `time` column: realtime - monotonic of the agent's hello. */
  timeOffsetNs?: bigint;
  /** The nodes that records come from, each with a clock of its own; absent: one. */
  nodes?: StoreNodes | undefined;
  limits?: Partial<RowLimits>;
  spill?: ChunkSpill;
}

/** A row of a record store and of a printk store may be so many, unless it is said otherwise. */
export const DEFAULT_ROW_LIMITS: RowLimits = {
  maxRows: 1_000_000,
  maxBytes: 256 * 1024 * 1024,
  memoryBytes: 64 * 1024 * 1024
};

/** Bytes that readers of a record of unknown type may read. */
const RAW_ROW_BYTES = 8;

/** Events of a ring or perf buffer. */
export class RecordStore extends RowStore {
  readonly #types: TypeTable;
  readonly #source: RecordStoreOptions['source'];
  readonly #timeOffsetNs: bigint;
  readonly #nodes: StoreNodes | undefined;
  readonly #counts = new NodeCounts();
  #kernelLost: bigint | null = null;

  constructor(options: RecordStoreOptions) {
    const limits = { ...DEFAULT_ROW_LIMITS, ...options.limits };
    // The type can be chosen later, and any type of the table may be larger.
    super(new RowChunks({ limits, rowBytes: RAW_ROW_BYTES, spill: options.spill ?? null }));
    this.#types = options.types;
    this.#source = options.source;
    this.#timeOffsetNs = options.timeOffsetNs ?? 0n;
    this.#nodes = options.nodes;
    this.setType(options.type);
  }

  get totalRows(): bigint {
    return BigInt(this.chunks.end);
  }

  get losses(): Losses {
    const isPerf = this.#source === 'perf';
    const { lost } = this.#counts;
    const kernel = isPerf ? lost : (this.#kernelLost ?? 0n);
    return {
      kernel: String(kernel),
      kernel_known: isPerf || this.#kernelLost !== null,
      agent: String(isPerf ? 0n : lost),
      evicted: String(this.chunks.first)
    };
  }

  /** Records and losses by number of the node. */
  get byNode(): ReadonlyMap<number, NodeCount> {
    return this.#counts.byNode;
  }

  /** Appends a DATA payload of the stream of a node. The bytes are copied. @throws LabError BPFLAB_AGENT_PROTOCOL */
  append(payload: Uint8Array, node = 0): void {
    const offset = this.#nodes?.timeOffsetNs(node) ?? this.#timeOffsetNs;
    this.#counts.take(node, this.chunks.append(payload, offset, node));
    this.changed();
  }

  /** Failed reserve and output calls so far, as the instrumentation counts them; from then on they count as known. */
  setKernelLost(count: bigint): void {
    if (count === this.#kernelLost) return;
    this.#kernelLost = count;
    this.changed();
  }

  /** Reads all rows, also those that are there, as another type: the user's choice among candidates. */
  setType(type: TypeId): void {
    const fields = columnsOf(this.#types, type);
    this.chunks.setRowBytes(Math.max(RAW_ROW_BYTES, rowBytesOf(this.#types, type, 0)));
    this.setColumns([...this.#metaColumns(new Set(fields.map(field => field.spec.name))), ...fields]);
  }

  #metaColumns(taken: Set<string>): Column[] {
    const spec = (name: string, unit: string, c_type: string): Column['spec'] => ({
      name: taken.has(name) ? `@${name}` : name,
      kind: 'u64',
      c_type,
      unit,
      role: 'meta'
    });
    const { chunks } = this;
    const high = (value: number): number => Math.floor(value / 0x100000000);
    const columns: Column[] = [
      ...(this.#nodes === undefined ? [] : [nodeColumn(chunks, this.#nodes, taken.has('node') ? '@node' : 'node')]),
      {
        kind: 'u64',
        spec: spec('seq', '', 'number of the record in its stream'),
        words: { low: row => chunks.batchOf(row.number).seq >>> 0, high: row => high(chunks.batchOf(row.number).seq) }
      },
      {
        kind: 'u64',
        spec: spec('time', 'unix_ns', 'time at which the record was read'),
        words: { low: row => chunks.batchOf(row.number).timeLow, high: row => chunks.batchOf(row.number).timeHigh }
      }
    ];
    if (this.#source === 'perf') {
      const words = { low: (row: { number: number }) => chunks.cpuOf(row.number), high: () => 0 };
      columns.push({ kind: 'u64', spec: spec('cpu', '', 'CPU that wrote the record'), words });
    }
    return columns;
  }
}

/** A store of the events of one ring or perf buffer. `drop()` frees it. */
export function createRecordStore(options: RecordStoreOptions): RecordStore {
  return new RecordStore(options);
}
