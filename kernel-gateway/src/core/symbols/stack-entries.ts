import { RECORD_HEADER_BYTES, DATA_HEADER_BYTES } from '../../protocol/index.js';
import type { EntryField, StackShape } from './recognize-stacks.js';

/** An entry of a map that counts stacks. Ids below 0 are reasons why there is no stack. */
export interface StackEntry {
  /** In the order of the shape's `ids`. */
  ids: number[];
  /** Process id; 0: not known. */
  process: number;
  command: string;
  count: bigint;
}

/** How long keys and values are, and for how many CPUs a value is held (1: not per CPU). */
export interface EntryLayout {
  keyBytes: number;
  valueBytes: number;
  cpus: number;
}

function readInteger(view: DataView, at: number, size: number): bigint {
  if (at + size > view.byteLength) return 0n;
  return size === 8 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true));
}

const placeOf = (field: EntryField, layout: EntryLayout, cpu = 0): number =>
  field.side === 'key' ? field.offset : layout.keyBytes + cpu * Math.ceil(layout.valueBytes / 8) * 8 + field.offset;

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end));
}

/** Reads one entry: key bytes and then the value's, as `map_read` gives them. */
export function readStackEntry(bytes: Uint8Array, shape: StackShape, layout: EntryLayout): StackEntry {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const integer = (field: EntryField, cpu = 0): bigint => readInteger(view, placeOf(field, layout, cpu), field.size);
  let count = 0n;
  for (let cpu = 0; cpu < layout.cpus; cpu++) count += integer(shape.count, cpu);
  const process = shape.process === null ? 0n : integer(shape.process);
  const command = shape.command;
  const from = command === null ? 0 : placeOf(command, layout);
  return {
    // An id is an int, also where it is kept in a wider member.
    ids: shape.ids.map(({ field }) => Number(BigInt.asIntN(32, integer(field)))),
    // bpf_get_current_pid_tgid(): the process is in the upper half.
    process: Number(process > 0xffffffffn ? process >> 32n : process),
    command: command === null ? '' : textOf(bytes.subarray(from, from + command.size)),
    count
  };
}

/** Calls `take` with the bytes of each record of a payload; they are a view of it. */
export function eachEntry(payload: Uint8Array, take: (bytes: Uint8Array) => void): void {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let at = DATA_HEADER_BYTES; at + RECORD_HEADER_BYTES <= payload.length;) {
    const length = view.getUint32(at, true);
    take(payload.subarray(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + length));
    at += RECORD_HEADER_BYTES + ((length + 7) & ~7);
  }
}

/** Addresses of a stack as a STACK_TRACE map holds them, the innermost first; ends at the first 0. */
export function readStackAddresses(value: Uint8Array): bigint[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const addresses: bigint[] = [];
  for (let at = 0; at + 8 <= value.length; at += 8) {
    const address = view.getBigUint64(at, true);
    if (address === 0n) break;
    addresses.push(address);
  }
  return addresses;
}
