import { sizeOf, stripType } from './type-layout.js';
import type { Type, TypeId, TypeTable } from './type-table.js';

const MAX_DEPTH = 16;

/** Where and how long: `offset` from the start of a type, in bytes. */
export interface Extent {
  offset: number;
  size: number;
}

/** Direct parts of a type that cover a byte, with the byte's offset in the part. */
function partsAt(types: TypeTable, type: Type, offset: number): { id: TypeId; offset: number }[] {
  if (type.kind === 'array') {
    const stride = sizeOf(types, type.element);
    const isInside = stride > 0 && offset < stride * type.count;
    return isInside ? [{ id: type.element, offset: offset % stride }] : [];
  }
  if (type.kind !== 'struct' && type.kind !== 'union') return [];
  return type.members
    .map(member => ({ id: member.type, offset: offset - member.bitOffset / 8 }))
    .filter(part => part.offset >= 0 && part.offset < sizeOf(types, part.id));
}

/** Type of the part of a type that stands at `offset` and has `size` bytes: itself, an element or a member; null when there is none. */
export function memberAt(types: TypeTable, id: TypeId, { offset, size }: Extent, depth = 0): TypeId | null {
  if (size > 0 && offset === 0 && sizeOf(types, id) === size) return id;
  if (depth > MAX_DEPTH || offset < 0) return null;
  for (const part of partsAt(types, stripType(types, id).type, offset)) {
    const found = memberAt(types, part.id, { offset: part.offset, size }, depth + 1);
    if (found !== null) return found;
  }
  return null;
}
