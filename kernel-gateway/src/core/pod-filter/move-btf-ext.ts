/** Moves what `.BTF.ext` says of instructions (Documentation/bpf/btf.rst, section 4.2) to where they are now. */
import { viewOf } from '../object/object-image.js';
import { objectInvalid } from '../object/object-invalid.js';
import type { Insertions } from './insertions.js';

/** The line of source that the prologue's first instruction belongs to: offsets of texts in BTF. */
export interface PrologueLine {
  file: number;
  text: number;
}

/** `places` maps the old offset of each record to its new one: relocations of the section follow it. */
export interface MovedBtfExt {
  bytes: Uint8Array;
  places: Map<number, number>;
}

type Part = 'functions' | 'lines' | 'relocations';

interface MovedRecord {
  insn: number;
  /** Offset in the old section; -1 for a record of ours. */
  from: number;
  bytes: Uint8Array;
}

class Mover {
  readonly places = new Map<number, number>();
  readonly #old: Uint8Array;
  readonly #view: DataView;
  readonly #insertionsOf: (name: number) => Insertions | undefined;
  readonly #line: PrologueLine;
  readonly #out: Uint8Array[] = [];
  #length: number;

  constructor(old: Uint8Array, insertionsOf: (name: number) => Insertions | undefined, line: PrologueLine) {
    this.#old = old;
    this.#view = viewOf(old);
    this.#insertionsOf = insertionsOf;
    this.#line = line;
    this.#length = 0;
  }

  move(): Uint8Array {
    if (this.#old.length < 24) throw objectInvalid('its .BTF.ext has no header');
    const headBytes = this.#u32(4);
    if (headBytes < 24 || headBytes > this.#old.length) throw objectInvalid('its .BTF.ext has a wrong header');
    const head = this.#old.slice(0, headBytes);
    this.#emit(head);
    const parts: Part[] = ['functions', 'lines', 'relocations'];
    for (const [index, part] of parts.slice(0, headBytes >= 32 ? 3 : 2).entries()) {
      const [offset, length] = [this.#u32(8 + 8 * index), this.#u32(12 + 8 * index)];
      const start = this.#length;
      if (length > 0) this.#movePart(part, headBytes + offset, headBytes + offset + length);
      viewOf(head).setUint32(8 + 8 * index, start - headBytes, true);
      viewOf(head).setUint32(12 + 8 * index, this.#length - start, true);
    }
    return this.#joined();
  }

  #movePart(part: Part, start: number, end: number): void {
    const recordBytes = this.#u32(start);
    if (recordBytes < 8 || end > this.#old.length) throw objectInvalid('its .BTF.ext has a wrong record size');
    this.#emit(this.#old.slice(start, start + 4));
    let at = start + 4;
    while (at < end) {
      const [name, count] = [this.#u32(at), this.#u32(at + 4)];
      at += 8;
      if (at + count * recordBytes > end) throw objectInvalid('its .BTF.ext is cut off');
      const records = this.#moveRecords(part, this.#insertionsOf(name), { at, count, recordBytes });
      this.#emit(new Uint8Array(Uint32Array.of(name, records.length).buffer));
      for (const { from, bytes } of records) {
        if (from >= 0) this.places.set(from, this.#length);
        this.#emit(bytes);
      }
      at += count * recordBytes;
    }
  }

  #moveRecords(
    part: Part,
    insertions: Insertions | undefined,
    { at, count, recordBytes }: { at: number; count: number; recordBytes: number }
  ): MovedRecord[] {
    const records: MovedRecord[] = [];
    const move = (insn: number): number => {
      if (insertions === undefined) return insn;
      return part === 'functions' ? insertions.functionAt(insn) : insertions.instructionAt(insn);
    };
    for (let index = 0; index < count; index++) {
      const from = at + index * recordBytes;
      const bytes = this.#old.slice(from, from + recordBytes);
      const insn = move(this.#u32(from));
      viewOf(bytes).setUint32(0, insn, true);
      records.push({ insn, from, bytes });
    }
    // The kernel wants a line at the start of each function (check_btf_line, kernel/bpf/verifier.c).
    if (part === 'lines' && insertions !== undefined)
      for (const start of insertions.starts) records.push(this.#ownLine(insertions.functionAt(start), recordBytes));
    return records.sort((a, b) => a.insn - b.insn);
  }

  #ownLine(insn: number, recordBytes: number): MovedRecord {
    const bytes = new Uint8Array(recordBytes);
    bytes.set(new Uint8Array(Uint32Array.of(insn, this.#line.file, this.#line.text, 0).buffer));
    return { insn, from: -1, bytes };
  }

  #u32(at: number): number {
    if (at + 4 > this.#old.length) throw objectInvalid('its .BTF.ext is cut off');
    return this.#view.getUint32(at, true);
  }

  #emit(bytes: Uint8Array): void {
    this.#out.push(bytes);
    this.#length += bytes.length;
  }

  #joined(): Uint8Array {
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const bytes of this.#out) {
      joined.set(bytes, at);
      at += bytes.length;
    }
    return joined;
  }
}

/**
 * The section with every instruction at its new place.
 *
 * @param section - bytes of `.BTF.ext`; is not changed
 * @param insertionsOf - what was put into the section whose name stands at that offset of BTF's texts
 * @param line - given to the first instruction that was put before each function
 * @throws LabError BPFLAB_OBJECT_INVALID
 */
export function moveBtfExt(
  section: Uint8Array,
  insertionsOf: (name: number) => Insertions | undefined,
  line: PrologueLine
): MovedBtfExt {
  const mover = new Mover(section, insertionsOf, line);
  return { bytes: mover.move(), places: mover.places };
}
