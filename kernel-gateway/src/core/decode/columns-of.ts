import type { ColumnSpec } from '../../protocol/index.js';
import { sizeOf, stripType, typeName } from '../object/type-layout.js';
import type { Type, TypeId, TypeTable } from '../object/type-table.js';
import type { Column, Row, TextSource } from './column.js';
import {
  charsText,
  isAggregate,
  isChar,
  isSigned,
  readFloat,
  scalarText,
  TextCompiler,
  checkPlace,
  rowBytesOf,
  wordsAt,
  type Place
} from './value-text.js';

/** Nested structs are flattened while there are fewer columns than this; after it each is one text column. */
const MAX_COLUMNS = 1000;
const MAX_DEPTH = 16;
/** Elements of an array that a cell shows. */
const MAX_ELEMENTS = 64;
/** Names that a list can offer; enums with more are written. */
const MAX_CHOICES = 64;

/** Where columns are made for: `name` is the column of a type without members, and the prefix of nothing else. */
export interface ColumnOptions {
  name?: string;
  role?: ColumnSpec['role'];
  /** Byte offset of the value in the row (a map's value stands behind its key). */
  offset?: number;
}

const unitSuffix = /_(ns|us|ms|bytes|kb|mb|hz|pct)$/;

/** The unit that a name's last word says, such as ns for `delta_ns`; empty when it says none. */
const unitOf = (name: string): string => unitSuffix.exec(name.toLowerCase())?.[1] ?? '';

type Scalar = Extract<Type, { kind: 'int' | 'enum' | 'pointer' }>;

class ColumnCompiler {
  readonly columns: Column[] = [];
  readonly #types: TypeTable;
  readonly #role: ColumnSpec['role'];
  readonly #names = new Set<string>();
  readonly #texts: TextCompiler;
  readonly #rowBytes: number;

  constructor(types: TypeTable, role: ColumnSpec['role'], rowBytes: number) {
    this.#types = types;
    this.#role = role;
    this.#rowBytes = rowBytes;
    this.#texts = new TextCompiler(types, MAX_ELEMENTS);
  }

  add(name: string, place: Place, depth: number): void {
    const { type } = stripType(this.#types, place.type);
    if (type.kind === 'struct' || type.kind === 'union') {
      this.#addMembers(name, { type, place }, depth);
      return;
    }
    checkPlace(this.#types, place, this.#rowBytes * 8);
    switch (type.kind) {
      case 'int':
      case 'enum':
      case 'pointer':
        this.#addScalar(name, type, place);
        break;
      case 'float':
        this.#addFloat(name, type.size, place);
        break;
      case 'array':
        this.#addArray(name, type, place);
        break;
      default:
    }
  }

  #addMembers(
    name: string,
    { type, place }: { type: Extract<Type, { kind: 'struct' | 'union' }>; place: Place },
    depth: number
  ): void {
    if (depth > 0 && (depth > MAX_DEPTH || this.columns.length + type.members.length > MAX_COLUMNS)) {
      this.#addText(name, place);
      return;
    }
    for (const member of type.members) {
      // Unnamed bit-fields are padding; unnamed structs and unions lend their members.
      if (member.name === '' && !isAggregate(this.#types, member.type)) continue;
      const path = member.name === '' ? name : name === '' ? member.name : `${name}.${member.name}`;
      const inner = { type: member.type, bitOffset: place.bitOffset + member.bitOffset, bitSize: member.bitSize };
      this.add(path, inner, depth + 1);
    }
  }

  #addScalar(name: string, type: Scalar, place: Place): void {
    const isWide = type.kind === 'int' && type.size > 8 && place.bitSize === 0;
    const text = scalarText(type, place);
    if (isWide) {
      const source = { kind: 'bytes', offset: place.bitOffset >> 3, size: type.size } as const;
      this.#push(name, place, { kind: 'text', text, source });
      return;
    }
    const words = wordsAt(type, place);
    if (type.kind !== 'int' || type.encoding === 'bool') {
      const names = type.kind === 'enum' ? { names: new Map(type.values.map(one => [one.name, one.value])) } : {};
      this.#push(name, place, {
        kind: 'text',
        text,
        source: { kind: 'number', words, signed: isSigned(type), ...names }
      });
      return;
    }
    this.#push(name, place, { kind: isSigned(type) ? 'i64' : 'u64', words });
  }

  #addFloat(name: string, size: number, place: Place): void {
    const offset = place.bitOffset >> 3;
    if (size > 8) this.#addText(name, place);
    else this.#push(name, place, { kind: 'f64', value: row => readFloat(row, offset, size) });
  }

  #addArray(name: string, type: Extract<Type, { kind: 'array' }>, place: Place): void {
    const offset = place.bitOffset >> 3;
    if (isChar(this.#types, type.element)) {
      const source: TextSource = { kind: 'chars', offset, size: type.count };
      this.#push(name, place, { kind: 'text', text: row => charsText(row, offset, type.count), source });
    } else {
      this.#addText(name, place);
    }
  }

  #addText(name: string, place: Place): void {
    const source: TextSource = { kind: 'bytes', offset: place.bitOffset >> 3, size: sizeOf(this.#types, place.type) };
    this.#push(name, place, { kind: 'text', text: this.#texts.compile(place, this.#rowBytes), source });
  }

  #push(name: string, place: Place, column: DistributiveOmit<Column, 'spec'>): void {
    const bits = place.bitSize > 0 ? ` : ${place.bitSize}` : '';
    const choices = this.#choices(place.type);
    const spec: ColumnSpec = {
      name: this.#unique(name),
      kind: column.kind,
      c_type: typeName(this.#types, place.type) + bits,
      unit: unitOf(name),
      role: this.#role,
      ...(choices === null ? {} : { choices })
    };
    this.columns.push({ ...column, spec });
  }

  #choices(id: TypeId): string[] | null {
    return valueNames(stripType(this.#types, id).type);
  }

  /** C forbids equal names in one struct, but a broken table may have them. */
  #unique(name: string): string {
    let unique = name === '' ? 'value' : name;
    for (let count = 2; this.#names.has(unique); count++) unique = `${name}#${count}`;
    this.#names.add(unique);
    return unique;
  }
}

/** Names of an enum's values, `false` and `true` of a bool; null for what has none, or more than fit a list. */
export function valueNames(type: Type): string[] | null {
  if (type.kind === 'int' && type.encoding === 'bool') return ['false', 'true'];
  if (type.kind !== 'enum' || type.values.length === 0 || type.values.length > MAX_CHOICES) return null;
  return [...new Set(type.values.map(value => value.name))];
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/**
 * Columns of a type, flattened: one per member of structs and unions (all members of a union), named by its C path; a
 * column named `value` for a type without members; hex of the whole record for type 0 (not known).
 *
 * @throws LabError BPFLAB_OBJECT_INVALID when the type table is broken.
 */
export function columnsOf(types: TypeTable, type: TypeId, options: ColumnOptions = {}): Column[] {
  const role = options.role ?? 'field';
  const offset = options.offset ?? 0;
  if (type === 0) return [rawColumn(options.name ?? 'bytes', role, offset)];
  const compiler = new ColumnCompiler(types, role, rowBytesOf(types, type, offset));
  compiler.add(
    isAggregate(types, type) ? '' : (options.name ?? 'value'),
    { type, bitOffset: offset * 8, bitSize: 0 },
    0
  );
  return compiler.columns;
}

const MAX_RAW_BYTES = 256;

/** A part of each row in hex, without spaces, whole: what names an entry of a map. */
export function hexColumn(spec: Pick<ColumnSpec, 'name' | 'role'>, offset: number, size: number): Column {
  const text = (row: Row): string => {
    let digits = '';
    for (let index = 0; index < size; index++)
      digits += row.view
        .getUint8(row.at + offset + index)
        .toString(16)
        .padStart(2, '0');
    return digits;
  };
  const whole: ColumnSpec = { ...spec, kind: 'text', c_type: '', unit: '' };
  return { kind: 'text', spec: whole, text, source: { kind: 'bytes', offset, size } };
}

function rawColumn(name: string, role: ColumnSpec['role'], offset: number): Column {
  const text = (row: Row): string => {
    const size = Math.max(0, row.length - offset);
    const parts: string[] = [];
    for (let index = 0; index < Math.min(size, MAX_RAW_BYTES); index++) {
      parts.push(
        row.view
          .getUint8(row.at + offset + index)
          .toString(16)
          .padStart(2, '0')
      );
    }
    return parts.join(' ') + (size > MAX_RAW_BYTES ? ` … ${size - MAX_RAW_BYTES} more` : '');
  };
  const spec: ColumnSpec = { name, kind: 'text', c_type: 'void', unit: '', role };
  return { kind: 'text', spec, text, source: { kind: 'bytes', offset, size: 8 } };
}
