import { DATA_HEADER_BYTES, LabError, RECORD_HEADER_BYTES, type Losses } from '../../protocol/index.js';
import type { Column } from '../decode/column.js';
import { columnsOf } from '../decode/columns-of.js';
import { decodeText } from '../decode/decode-text.js';
import { encodeUtf8 } from '../decode/encode-utf8.js';
import { splitPrintkTag } from '../instrument/printk-tag.js';
import type { TypeTable } from '../object/type-table.js';
import { parseTraceLine, type TraceLine } from './parse-trace-line.js';
import { recordPayload } from './record-payload.js';
import { DEFAULT_ROW_LIMITS } from './record-store.js';
import { RowChunks, type RowLimits } from './row-chunks.js';
import { NodeCounts, nodeColumn, type NodeCount, type StoreNodes } from './store-nodes.js';
import { RowStore } from './row-store.js';

/** How a printk store is made. */
export interface PrintkStoreOptions {
  /**
   * Number of the run in its lines (core/instrument): only lines that carry it are kept, without it. Null for a program
   * that was not instrumented: lines without a number are kept.
   */
  tag: number | null;
  /** Added to the trace clock to make the `time` column: realtime - monotonic of the agent's hello. */
  timeOffsetNs?: bigint;
  /** The nodes that lines come from, each with a clock of its own; absent: one. */
  nodes?: StoreNodes | undefined;
  limits?: Partial<RowLimits>;
}

/** Parsed lines are kept as records of this layout, with the text behind it, so that sorts and filters read no text twice. */
const TASK_BYTES = 24;
const FLAGS_BYTES = 8;
const TASK_AT = 16;
const FLAGS_AT = TASK_AT + TASK_BYTES;
const TEXT_AT = FLAGS_AT + FLAGS_BYTES;

const layout: TypeTable = {
  types: [
    { kind: 'void' },
    { kind: 'int', name: 'u64', size: 8, encoding: 'unsigned' },
    { kind: 'int', name: 'int', size: 4, encoding: 'signed' },
    { kind: 'int', name: 'char', size: 1, encoding: 'char' },
    { kind: 'array', element: 3, count: TASK_BYTES },
    { kind: 'array', element: 3, count: FLAGS_BYTES },
    { kind: 'array', element: 3, count: 0 },
    {
      kind: 'struct',
      name: 'printk',
      size: TEXT_AT,
      members: [
        { name: 'time', type: 1, bitOffset: 0, bitSize: 0 },
        { name: 'task', type: 4, bitOffset: TASK_AT * 8, bitSize: 0 },
        { name: 'pid', type: 2, bitOffset: 64, bitSize: 0 },
        { name: 'cpu', type: 2, bitOffset: 96, bitSize: 0 },
        { name: 'flags', type: 5, bitOffset: FLAGS_AT * 8, bitSize: 0 },
        { name: 'text', type: 6, bitOffset: TEXT_AT * 8, bitSize: 0 }
      ]
    }
  ]
};
const LAYOUT_TYPE = 7;

function printkColumns(): Column[] {
  return columnsOf(layout, LAYOUT_TYPE).map(column =>
    column.spec.name === 'time'
      ? { ...column, spec: { ...column.spec, unit: 'unix_ns', role: 'meta' as const, c_type: 'time of the line' } }
      : { ...column, spec: { ...column.spec, c_type: '' } }
  );
}

function encodeLine(line: TraceLine, timeOffsetNs: bigint): Uint8Array {
  const text = encodeUtf8(line.text);
  const record = new Uint8Array(TEXT_AT + text.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt.asUintN(64, line.timeNs + timeOffsetNs), true);
  view.setInt32(8, line.pid, true);
  view.setInt32(12, line.cpu, true);
  record.set(encodeUtf8(line.task).subarray(0, TASK_BYTES), TASK_AT);
  record.set(encodeUtf8(line.flags).subarray(0, FLAGS_BYTES), FLAGS_AT);
  record.set(text, TEXT_AT);
  return record;
}

/** Lines of bpf_printk of one run, parsed. Bytes that are no UTF-8 are shown as escapes. */
export class PrintkStore extends RowStore {
  readonly #tag: number | null;
  readonly #timeOffsetNs: bigint;
  readonly #nodes: StoreNodes | undefined;
  readonly #counts = new NodeCounts();

  constructor(options: PrintkStoreOptions) {
    const limits = { ...DEFAULT_ROW_LIMITS, ...options.limits };
    super(new RowChunks({ limits, rowBytes: TEXT_AT, spill: null }));
    this.#tag = options.tag;
    this.#timeOffsetNs = options.timeOffsetNs ?? 0n;
    this.#nodes = options.nodes;
    const node = options.nodes === undefined ? [] : [nodeColumn(this.chunks, options.nodes, 'node')];
    this.setColumns([...node, ...printkColumns()]);
  }

  get totalRows(): bigint {
    return BigInt(this.chunks.end);
  }

  /** The agent counts the kernel's "LOST n EVENTS" lines into the stream's losses. */
  get losses(): Losses {
    return { kernel: String(this.#counts.lost), kernel_known: true, agent: '0', evicted: String(this.chunks.first) };
  }

  /** Parses the lines of a DATA payload of a printk stream; a record may hold several. @throws LabError BPFLAB_AGENT_PROTOCOL */
  append(payload: Uint8Array, node = 0): void {
    const records: Uint8Array[] = [];
    const offset = this.#nodes?.timeOffsetNs(node) ?? this.#timeOffsetNs;
    const lost = eachRecord(payload, bytes => {
      for (const line of decodeLines(bytes)) this.#take(line, offset, records);
    });
    const before = this.#counts.lost;
    this.#counts.take(node, { rows: records.length, lost });
    if (records.length > 0)
      this.chunks.append(recordPayload({ seq: this.chunks.end, lost: 0n, monoNs: 0n }, records), 0n, node);
    if (records.length > 0 || this.#counts.lost !== before) this.changed();
  }

  /** Lines and losses by number of the node. */
  get byNode(): ReadonlyMap<number, NodeCount> {
    return this.#counts.byNode;
  }

  #take(line: string, offset: bigint, records: Uint8Array[]): void {
    const { tag, text } = splitPrintkTag(line);
    if (tag !== this.#tag) return;
    const parsed = parseTraceLine(text);
    const plain: TraceLine = { task: '', pid: 0, cpu: -1, flags: '', timeNs: 0n, text };
    if (parsed || text.trim() !== '') records.push(encodeLine(parsed ?? plain, parsed ? offset : 0n));
  }
}

/** Splits at line breaks before the bytes become text, in which a line break would be an escape. */
function decodeLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== 10) continue;
    if (at > start) lines.push(decodeText(bytes, start, at));
    start = at + 1;
  }
  return lines;
}

/** Visits the records of a payload and returns the stream's count of lost records. */
function eachRecord(payload: Uint8Array, visit: (bytes: Uint8Array) => void): bigint {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (payload.length < DATA_HEADER_BYTES) throw brokenPayload();
  for (let at = DATA_HEADER_BYTES; at < payload.length;) {
    const start = at + RECORD_HEADER_BYTES;
    const length = start <= payload.length ? view.getUint32(at, true) : Infinity;
    if (start + length > payload.length) throw brokenPayload();
    visit(payload.subarray(start, start + length));
    at = start + length + (-length & 7);
  }
  return view.getBigUint64(8, true);
}

function brokenPayload(): LabError {
  return new LabError('BPFLAB_AGENT_PROTOCOL', 'A record of the agent ends after its payload of printk lines.');
}

/** A store of the printk lines of one run. `drop()` frees it. */
export function createPrintkStore(options: PrintkStoreOptions): PrintkStore {
  return new PrintkStore(options);
}
