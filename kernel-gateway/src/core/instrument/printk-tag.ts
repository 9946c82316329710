import type { ObjectSpec } from '../object/object-spec.js';

const PREFIX = 'bpflab:';
const DIGITS = 8;

/** What is before each format of bpf_printk in an instrumented object: a place for the number of the run, in hex. */
export const PRINTK_TAG = `${PREFIX}${'0'.repeat(DIGITS)} `;

/**
 * Writes that put a run's number into the formats of an object, for the `globals` of the agent's `load`: formats are
 * constants in .rodata, so no argument of bpf_printk is used up, and the object stays the same for every run.
 *
 * @param spec - the instrumented object
 * @param tag - number of the run, 1 … 2^32-1, unique among the runs whose lines meet in one trace buffer
 * @returns offsets are from the start of the section, `map` is its name
 */
export function printkTagWrites(
  spec: ObjectSpec,
  tag: number
): { section: string; offset: number; bytes: Uint8Array }[] {
  const bytes = Uint8Array.from(tag.toString(16).padStart(DIGITS, '0'), char => char.charCodeAt(0));
  const writes: { section: string; offset: number; bytes: Uint8Array }[] = [];
  for (const global of spec.globals) {
    if (!global.section.startsWith('.rodata')) continue;
    for (let at = indexOfTag(global.initial, 0); at >= 0; at = indexOfTag(global.initial, at + 1))
      writes.push({ section: global.section, offset: global.offset + at + PREFIX.length, bytes });
  }
  return writes;
}

function indexOfTag(bytes: Uint8Array, from: number): number {
  const first = PRINTK_TAG.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let same = 1;
    while (same < PRINTK_TAG.length && bytes[at + same] === PRINTK_TAG.charCodeAt(same)) same++;
    if (same === PRINTK_TAG.length) return at;
  }
  return -1;
}

/** Takes the tag off a printk line; `tag` is null for a line of a program that was not instrumented. */
export function splitPrintkTag(line: string): { tag: number | null; text: string } {
  const match = /bpflab:([0-9a-f]{8}) /.exec(line);
  if (!match) return { tag: null, text: line };
  return {
    tag: Number.parseInt(match[1] ?? '0', 16),
    text: line.slice(0, match.index) + line.slice(match.index + match[0].length)
  };
}
