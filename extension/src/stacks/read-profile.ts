import type { StackFrame, StackProfile } from 'kernel-gateway/protocol';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): string => (typeof value === 'string' && /^\d{1,30}$/.test(value) ? value : '0');
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const kinds: ReadonlySet<unknown> = new Set<StackFrame['kind']>(['kernel', 'user', 'process']);

/** Stacks as a notebook has them. Notebooks come from anybody: what is not as the kernel writes it is left out. */
export function readProfile(value: unknown): StackProfile | null {
  if (!isObject(value)) {
    return null;
  }
  const omitted = isObject(value['omitted']) ? value['omitted'] : {};
  const problems = Array.isArray(value['problems']) ? value['problems'] : [];
  return {
    unit: text(value['unit']),
    frames: objects(value['frames']).map(frame => ({
      name: text(frame['name']),
      kind: kinds.has(frame['kind']) ? (frame['kind'] as StackFrame['kind']) : 'user',
      origin: text(frame['origin']),
      is_known: frame['is_known'] !== false
    })),
    stacks: objects(value['stacks']).map(stack => ({
      frames: (Array.isArray(stack['frames']) ? stack['frames'] : []).filter(Number.isInteger) as number[],
      count: count(stack['count'])
    })),
    total: count(value['total']),
    omitted: { stacks: Number(omitted['stacks']) || 0, count: count(omitted['count']) },
    problems: problems.filter(one => typeof one === 'string')
  };
}
