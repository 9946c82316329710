import type { StackFrame, StackProfile, StackSample } from '../../protocol/index.js';

/** A stack with its frames named, the outermost caller first. */
export interface NamedStack {
  frames: StackFrame[];
  count: bigint;
}

/** Stacks that a front end is given; a flame graph of more cannot be read. */
const MAX_STACKS = 1500;

/**
 * Merges stacks whose names are equal, the largest counts first. `problems`: what could not be read or named, one sentence
 * each.
 */
export function buildProfile(stacks: readonly NamedStack[], unit: string, problems: readonly string[]): StackProfile {
  const frames: StackFrame[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (frame: StackFrame): number => {
    const key = `${frame.kind}\0${frame.origin}\0${frame.name}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, frames.length);
    return frames.push(frame) - 1;
  };
  const merged = new Map<string, { frames: number[]; count: bigint }>();
  let total = 0n;
  for (const stack of stacks) {
    total += stack.count;
    const path = stack.frames.map(numberOf);
    const key = path.join(' ');
    const before = merged.get(key);
    if (before) before.count += stack.count;
    else merged.set(key, { frames: path, count: stack.count });
  }
  const ordered = [...merged.values()]
    .filter(one => one.count > 0n)
    .sort((a, b) => (a.count < b.count ? 1 : a.count > b.count ? -1 : 0));
  const rest = ordered.slice(MAX_STACKS);
  return {
    unit,
    frames,
    stacks: ordered
      .slice(0, MAX_STACKS)
      .map((one): StackSample => ({ frames: one.frames, count: one.count.toString() })),
    total: total.toString(),
    omitted: { stacks: rest.length, count: rest.reduce((sum, one) => sum + one.count, 0n).toString() },
    problems: [...problems]
  };
}

/** The part of a profile that a notebook keeps: the largest `most` stacks and the frames that they need. */
export function shortProfile(profile: StackProfile, most: number): StackProfile {
  if (profile.stacks.length <= most) return profile;
  const frames: StackFrame[] = [];
  const numbers = new Map<number, number>();
  const numberOf = (old: number): number => {
    const known = numbers.get(old);
    if (known !== undefined) return known;
    const frame = profile.frames[old];
    const number = frame === undefined ? 0 : frames.push(frame) - 1;
    numbers.set(old, number);
    return number;
  };
  const stacks = profile.stacks.slice(0, most).map(stack => ({ ...stack, frames: stack.frames.map(numberOf) }));
  const rest = profile.stacks.slice(most);
  const count = rest.reduce((sum, one) => sum + BigInt(one.count), BigInt(profile.omitted.count));
  return {
    ...profile,
    frames,
    stacks,
    omitted: { stacks: profile.omitted.stacks + rest.length, count: count.toString() }
  };
}

const LEAVES = 3;

/** A profile as a table: count, share, and the innermost functions of each stack. */
export function profileText(profile: StackProfile, maxRows: number): string {
  const total = BigInt(profile.total);
  if (total === 0n) return '';
  const rows = profile.stacks.slice(0, maxRows).map(stack => {
    const share = Number((BigInt(stack.count) * 1000n) / total) / 10;
    const frames = stack.frames.map(number => profile.frames[number]?.name ?? '');
    const leaves = frames.slice(-LEAVES).reverse().join(' ← ');
    const foot = frames.length > LEAVES ? `${leaves} ← … ← ${frames[0] ?? ''}` : leaves;
    return `${stack.count.padStart(10)} ${share.toFixed(1).padStart(5)}%  ${foot}`;
  });
  const more = profile.stacks.length - rows.length + profile.omitted.stacks;
  const problems = profile.problems.map(problem => `(${problem})`);
  return [
    `${profile.unit.padStart(10)}  share  stack`,
    ...rows,
    ...(more > 0 ? [`… and ${more} more stacks`] : []),
    ...problems
  ].join('\n');
}
