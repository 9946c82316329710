/**
 * Types of an object, merged from its BTF and its DWARF into one numbering. A `TypeId` is an index into `TypeTable.types`; 0 is void.
 * Sizes and offsets are in bytes unless the name says bits; the layout is the target's (little-endian, 64-bit pointers).
 */

/** Index into `TypeTable.types`. */
export type TypeId = number;

/** A member of a struct or union. `bitSize` is 0 for a member that is no bit-field; `bitOffset` counts from the struct's start. */
export interface Member {
  name: string;
  type: TypeId;
  bitOffset: number;
  bitSize: number;
}

/** One type. Typedefs and qualifiers are kept, so that a column can show what the user wrote. */
export type Type =
  | { kind: 'void' }
  | { kind: 'int'; name: string; size: number; encoding: 'unsigned' | 'signed' | 'char' | 'bool' }
  | { kind: 'float'; name: string; size: number }
  | { kind: 'pointer'; target: TypeId }
  | { kind: 'array'; element: TypeId; count: number }
  | { kind: 'struct' | 'union'; name: string; size: number; members: Member[] }
  | { kind: 'enum'; name: string; size: number; signed: boolean; values: { name: string; value: bigint }[] }
  | { kind: 'typedef'; name: string; target: TypeId }
  | { kind: 'qualifier'; qualifier: 'const' | 'volatile' | 'restrict' | 'tag'; target: TypeId }
  | { kind: 'forward'; name: string; isUnion: boolean }
  | { kind: 'function'; name: string; returns: TypeId; parameters: { name: string; type: TypeId }[] };

/** All types of one object. */
export interface TypeTable {
  types: Type[];
}
