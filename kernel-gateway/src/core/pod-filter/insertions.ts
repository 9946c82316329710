/**
 * Where bytes are put into one section: `length` of them before each function that begins at one of `starts` (ascending,
 * byte offsets of the section as it was).
 */
export class Insertions {
  readonly starts: readonly number[];
  readonly length: number;

  constructor(starts: readonly number[], length: number) {
    this.starts = starts;
    this.length = length;
  }

  /** New offset of a function's first byte: what was inserted for it belongs to it. */
  functionAt(offset: number): number {
    return offset + this.length * this.starts.filter(start => start < offset).length;
  }

  /** New offset of an instruction that was there before. */
  instructionAt(offset: number): number {
    return offset + this.length * this.starts.filter(start => start <= offset).length;
  }

  /** The section's bytes with `inserted` at each start: a new array. */
  apply(section: Uint8Array, inserted: Uint8Array): Uint8Array {
    const out = new Uint8Array(section.length + this.starts.length * this.length);
    let from = 0;
    let to = 0;
    for (const start of this.starts) {
      out.set(section.subarray(from, start), to);
      to += start - from;
      out.set(inserted, to);
      to += inserted.length;
      from = start;
    }
    out.set(section.subarray(from), to);
    return out;
  }
}
