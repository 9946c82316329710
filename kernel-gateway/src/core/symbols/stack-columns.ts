/**
 * Which fields of a record are stacks, by the names *and* the shape. The rule is told to users in docs/reference/stacks.md:
 * keep both equal.
 */
import type { ColumnSpec } from '../../protocol/index.js';
import type { Column, Row, Words } from '../decode/column.js';
import type { MapSpec } from '../object/object-spec.js';
import { processName, stackMapFor, stackPart, words, type StackPart } from './recognize-stacks.js';
import type { StackNames } from './stack-names.js';

/** A field of a record that is a stack: its id in `map`, or `count` addresses of 8 bytes, the innermost first. */
type StackField = { name: string; part: StackPart } & (
  | { kind: 'id'; map: string; words: Words }
  | { kind: 'addresses'; offset: number; count: number }
);

/** The stacks of a record, and the number of the process that they are of; null: the record does not say. */
export interface RecordStacks {
  fields: StackField[];
  process: Words | null;
}

const isNumber = (column: Column): column is Extract<Column, { words: Words }> =>
  column.kind === 'u64' || column.kind === 'i64';
const ADDRESS_BYTES = 8;
const WIDE = /64|long long|\blong\b/;
const NARROW = /char|short|8|16|:/;

const lastWord = ({ name }: ColumnSpec): string => words(name.slice(name.lastIndexOf('.') + 1));

/** The stacks among the columns of a record. `maps`: all of the object. */
export function recordStacks(columns: readonly Column[], maps: readonly MapSpec[]): RecordStacks {
  const stackMaps = maps.filter(map => map.type === 'stack_trace');
  const fields = columns.flatMap((column): StackField[] => {
    const part = column.spec.role === 'field' ? stackPart(lastWord(column.spec)) : null;
    return part === null ? [] : fieldOf(column, part, stackMaps);
  });
  const named = columns
    .filter(isNumber)
    .filter(({ spec }) => spec.role === 'field' && processName.test(lastWord(spec)));
  // The kernel's `tgid` is what people call the process; `pid` may be meant as either.
  const process = named.find(({ spec }) => lastWord(spec).startsWith('tgid')) ?? named[0];
  return { fields, process: process?.words ?? null };
}

function fieldOf(column: Column, part: StackPart, stackMaps: readonly MapSpec[]): StackField[] {
  const { name, c_type } = column.spec;
  if (isNumber(column)) {
    const isId = stackMaps.length > 0 && !NARROW.test(c_type);
    return isId ? [{ kind: 'id', name, part, map: stackMapFor(stackMaps, part), words: column.words }] : [];
  }
  if (column.kind !== 'text' || column.source.kind !== 'bytes' || !WIDE.test(c_type)) return [];
  const { offset, size } = column.source;
  const count = Number(/^[^[]+\[(\d+)\]$/.exec(c_type)?.[1] ?? 0);
  return count > 0 && size === count * ADDRESS_BYTES ? [{ kind: 'addresses', name, part, offset, count }] : [];
}

/** Number of the process that a record names; 0: none. bpf_get_current_pid_tgid() has it in the upper half. */
const processOf = ({ process }: RecordStacks, row: Row): number =>
  process === null ? 0 : process.high(row) || process.low(row);

/** The id of a stack; below 0: why there is none. */
const stackIdOf = (field: Extract<StackField, { kind: 'id' }>, row: Row): number => field.words.low(row) | 0;

/** The addresses of a stack that is in the record itself; ends at the first 0. */
function addressesOf(field: Extract<StackField, { kind: 'addresses' }>, row: Row): bigint[] {
  const addresses: bigint[] = [];
  for (let index = 0; index < field.count; index++) {
    const address = row.view.getBigUint64(row.at + field.offset + index * ADDRESS_BYTES, true);
    if (address === 0n) break;
    addresses.push(address);
  }
  return addresses;
}

/**
 * A column for each stack, with its functions, the innermost first: named as its field without `_id`, and with `@` before it
 * where that name is taken. `names` are asked whenever a row is read.
 */
export function stackColumns(columns: readonly Column[], stacks: RecordStacks, names: StackNames): Column[] {
  const taken = new Set(columns.map(column => column.spec.name));
  return stacks.fields.map((field): Column => {
    const short = field.name.replace(/_?id$/i, '');
    const name = taken.has(short) ? `@${short}` : short;
    taken.add(name);
    const text = (row: Row): string => stackText(field, stacks, names, row);
    return {
      kind: 'text',
      spec: { name, kind: 'text', c_type: 'functions, the innermost first', unit: '', role: 'meta' },
      text,
      source: { kind: 'text' }
    };
  });
}

function stackText(field: StackField, stacks: RecordStacks, names: StackNames, row: Row): string {
  const process = processOf(stacks, row);
  return field.kind === 'id'
    ? names.textOfId(field.map, stackIdOf(field, row), process)
    : names.textOf(addressesOf(field, row), process);
}
