/** Where a function's variables stand in its stack frame. */
import type { VariableLocation } from '../dwarf/location-expression.js';
import type { TracedFunction } from './trace-object.js';

const FRAME_POINTER = 10;
const MAX_STACK = 512;

/** LLVM counts a frame's variables from the lowest byte of the stack, although it names r10, which is the highest. */
export function adjusted(location: VariableLocation, stackBytes: number): VariableLocation {
  if (location.register !== FRAME_POINTER || location.kind === 'register' || location.offset < 0) return location;
  return { ...location, offset: location.offset - stackBytes };
}

/** Bytes of stack that the function uses, as far as it names them. */
export function stackBytesOf({ context, code, states }: TracedFunction): number {
  const base = `stack:${context}`;
  let lowest = 0;
  const note = (offset: number): void => {
    if (offset < lowest && offset >= -MAX_STACK) lowest = offset;
  };
  code.insns.forEach(({ code: opcode, dst, src, off }, slot) => {
    const kind = opcode & 7;
    if ((kind === 2 || kind === 3) && dst === FRAME_POINTER) note(off);
    if (kind === 1 && src === FRAME_POINTER) note(off);
    for (const value of states[slot]?.registers ?? []) {
      for (const origin of value ?? []) if (origin.base === base) note(origin.offset);
    }
  });
  return Math.ceil(-lowest / 8) * 8;
}
