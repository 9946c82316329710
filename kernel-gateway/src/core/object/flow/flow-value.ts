/**
 * What a register can hold, as far as it helps to follow pointers: a set of origins with an offset each. An origin is a
 * text: `const` (the offset is the number), `map:NAME`, `data:SECTION`, `code:SECTION`, `stack:CONTEXT` (offset from the
 * frame pointer), `def:CONTEXT:SLOT` (the result of that instruction), `arg:CONTEXT:N`.
 */
export interface Origin {
  base: string;
  offset: number;
}

/** Null: too many possibilities to follow. */
export type FlowValue = readonly Origin[] | null;

const MAX_ORIGINS = 6;

export const constant = (value: number): FlowValue => [{ base: 'const', offset: value }];
export const originKey = ({ base, offset }: Origin): string => `${base}+${offset}`;

/** The one constant that a value is, or null. */
export function constantOf(value: FlowValue | undefined): number | null {
  const only = value?.length === 1 ? value[0] : undefined;
  return only?.base === 'const' ? only.offset : null;
}

/** The value plus a known number. */
export function shifted(value: FlowValue, by: number): FlowValue {
  return by === 0 || !value ? value : value.map(({ base, offset }) => ({ base, offset: offset + by }));
}

/** What is possible when either of two ways was taken. */
function joined(left: FlowValue, right: FlowValue): FlowValue {
  if (left === right) return left;
  if (!left || !right) return null;
  const fresh = right.filter(one => !left.some(known => known.base === one.base && known.offset === one.offset));
  if (fresh.length === 0) return left;
  return left.length + fresh.length > MAX_ORIGINS ? null : [...left, ...fresh];
}

/** Registers and 8-byte stack slots (by `originKey`) before an instruction. States are never changed, but replaced. */
export interface FlowState {
  registers: readonly FlowValue[];
  stack: ReadonlyMap<string, FlowValue>;
}

/** The join of two states, or `left` itself when it covers `right`. */
export function joinedState(left: FlowState, right: FlowState): FlowState {
  let isSame = true;
  const registers = left.registers.map((value, index) => {
    const both = joined(value, right.registers[index] ?? null);
    if (both !== value) isSame = false;
    return both;
  });
  if (left.stack === right.stack) return isSame ? left : { registers, stack: left.stack };
  const stack = new Map<string, FlowValue>();
  for (const [key, value] of left.stack) {
    const other = right.stack.get(key);
    const both = other === undefined ? null : joined(value, other);
    if (both !== value) isSame = false;
    if (both) stack.set(key, both);
  }
  return isSame ? left : { registers, stack };
}
