/**
 * Restricts the programs of a finished BPF object to chosen pods, in the kernel: each entry program gets a prologue that
 * returns a neutral verdict unless the current task's cgroup id is a key of a hash map, which the object gains. Source,
 * skeleton and loader need not know: any libbpf loader takes the object as it is.
 *
 * Limits: cgroup v2 ids only, and of the container itself (a pod's depth varies). Where `current` is not the subject of
 * an event (sched_switch, softirq, writeback), events vanish or go to another task. An empty map lets nothing pass.
 */
import { LabError } from '../../protocol/index.js';
import { stripObject } from '../instrument/strip-object.js';
import {
  type ImageSection,
  type ObjectImage,
  readObjectImage,
  viewOf,
  writeObjectImage
} from '../object/object-image.js';
import { addFilterMap, FILTER_MAP_BYTES } from './add-filter-map.js';
import { filterPrologue } from './filter-prologue.js';
import { Insertions } from './insertions.js';
import { moveBtfExt } from './move-btf-ext.js';
import { neutralVerdict } from './neutral-verdict.table.js';

/** Name of the map: keys are cgroup v2 ids (u64), values are not read (u8). */
export const FILTER_MAP = 'bpflab_filter';

const SHT_PROGBITS = 1;
const SHT_SYMTAB = 2;
const SHT_REL = 9;
const SHF_WRITE_ALLOC = 3;
const SHF_EXECINSTR = 4;
const SHF_INFO_LINK = 0x40;
const SYM_BYTES = 24;
const REL_BYTES = 16;
const STT_FUNC = 2;
const STT_SECTION = 3;
const STB_GLOBAL_OBJECT = 0x11;
const R_BPF_64_64 = 1;

/** One section of programs, and what outside the pods their verdict is; null: they have no task, and see everything. */
export interface FilteredSection {
  section: string;
  programs: number;
  verdict: number | null;
}

/** The object to load instead, and what was done to which programs. */
export interface FilteredObject {
  object: Uint8Array;
  sections: FilteredSection[];
}

interface Change {
  insertions: Insertions;
  inserted: Uint8Array;
  mapOffset: number;
}

const refuse = (cause: string): LabError =>
  new LabError('BPFLAB_POD_FILTER', `The program cannot be restricted to pods — ${cause}.`);

const append = (bytes: Uint8Array, more: Uint8Array): Uint8Array => {
  const out = new Uint8Array(bytes.length + more.length);
  out.set(bytes);
  out.set(more, bytes.length);
  return out;
};

const ascii = (text: string): Uint8Array => Uint8Array.from(`${text}\0`, char => char.charCodeAt(0));

class Filter {
  readonly #image: ObjectImage;
  readonly #maxEntries: number;
  readonly #symbols: ImageSection;
  readonly #changes = new Map<number, Change>();
  readonly report: FilteredSection[] = [];

  constructor(image: ObjectImage, maxEntries: number) {
    this.#image = image;
    this.#maxEntries = maxEntries;
    const symbols = image.sections.find(section => section.type === SHT_SYMTAB);
    if (!symbols) throw refuse('its object has no symbols');
    this.#symbols = symbols;
  }

  run(): Uint8Array {
    const btf = this.#find('.BTF');
    const ext = this.#find('.BTF.ext');
    if (!btf || !ext) throw refuse('its object has no BTF; compile it with -g');
    if (this.#find(FILTER_MAP) || this.#hasSymbol(FILTER_MAP)) throw refuse('it is restricted already');
    this.#plan();
    const maps = this.#find('.maps') ?? this.#addSection('.maps', { type: SHT_PROGBITS, flags: SHF_WRITE_ALLOC });
    const mapOffset = Math.ceil(maps.bytes.length / 8) * 8;
    maps.bytes = append(maps.bytes, new Uint8Array(mapOffset - maps.bytes.length + FILTER_MAP_BYTES));
    const texts = this.#textOf(btf);
    const changed = addFilterMap(btf.bytes, {
      name: FILTER_MAP,
      offset: mapOffset,
      mapsBytes: maps.bytes.length,
      maxEntries: this.#maxEntries,
      lineFile: 'bpflab',
      lineText: `[bpflab] outside the chosen pods: return (${FILTER_MAP})`
    });
    const moved = moveBtfExt(ext.bytes, name => this.#changeOf(texts(name)), {
      file: changed.lineFile,
      text: changed.lineText
    });
    this.#moveRelocations(changed.insertedAt, moved.places);
    btf.bytes = changed.bytes;
    ext.bytes = moved.bytes;
    const symbol = this.#symbols.bytes.length / SYM_BYTES;
    for (const [index, change] of this.#changes) this.#insert(index, change, symbol);
    this.#moveSymbols();
    this.#addSymbol(this.#image.sections.indexOf(maps), mapOffset);
    return writeObjectImage(this.#image);
  }

  #find(name: string): ImageSection | undefined {
    return this.#image.sections.find(section => section.name === name);
  }

  #addSection(name: string, fields: Partial<ImageSection>): ImageSection {
    const names = this.#image.sections[this.#image.names];
    if (!names) throw refuse('its sections have no names');
    const section: ImageSection = {
      ...{
        name,
        nameOffset: names.bytes.length,
        type: 0,
        flags: 0,
        link: 0,
        info: 0,
        align: 8,
        entryBytes: 0,
        size: 0
      },
      bytes: new Uint8Array(0),
      ...fields
    };
    names.bytes = append(names.bytes, ascii(name));
    this.#image.sections.push(section);
    return section;
  }

  /** Decides what is inserted where. Subprograms live in .text, which libbpf loads with their callers: it is not touched. */
  #plan(): void {
    for (const [index, section] of this.#image.sections.entries()) {
      const isCode = section.type === SHT_PROGBITS && (section.flags & SHF_EXECINSTR) !== 0 && section.bytes.length > 0;
      if (!isCode || section.name === '.text') continue;
      const starts = this.#functionStarts(index);
      const verdict = neutralVerdict(section.name);
      this.report.push({ section: section.name, programs: starts.length, verdict });
      if (verdict === null) continue;
      if (starts.some((start, at) => start % 8 !== 0 || start >= section.bytes.length || start === starts[at + 1]))
        throw refuse(`section "${section.name}" has functions in odd places`);
      const { bytes, mapOffset } = filterPrologue(verdict);
      this.#changes.set(index, { insertions: new Insertions(starts, bytes.length), inserted: bytes, mapOffset });
    }
    if (this.#changes.size === 0) throw refuse('none of its programs runs for a task');
  }

  #eachSymbol(visit: (symbol: DataView) => void): void {
    for (let at = 0; at + SYM_BYTES <= this.#symbols.bytes.length; at += SYM_BYTES)
      visit(viewOf(this.#symbols.bytes.subarray(at, at + SYM_BYTES)));
  }

  #functionStarts(section: number): number[] {
    const starts: number[] = [];
    this.#eachSymbol(symbol => {
      if (symbol.getUint16(6, true) === section && (symbol.getUint8(4) & 15) === STT_FUNC)
        starts.push(Number(symbol.getBigUint64(8, true)));
    });
    return starts.sort((a, b) => a - b);
  }

  #hasSymbol(name: string): boolean {
    const bytes = this.#image.sections[this.#symbols.link]?.bytes ?? new Uint8Array(0);
    const wanted = ascii(name);
    let found = false;
    this.#eachSymbol(symbol => {
      const at = symbol.getUint32(0, true);
      found ||= wanted.every((byte, index) => bytes[at + index] === byte);
    });
    return found;
  }

  /** The names that .BTF.ext uses, by offset in BTF's texts. */
  #textOf(btf: ImageSection): (offset: number) => string {
    const view = viewOf(btf.bytes);
    if (btf.bytes.length < 24) throw refuse('its BTF has no header');
    const start = view.getUint32(4, true) + view.getUint32(16, true);
    return offset => {
      const end = btf.bytes.indexOf(0, start + offset);
      return String.fromCharCode(...btf.bytes.subarray(start + offset, end < 0 ? start + offset : end));
    };
  }

  #changeOf(sectionName: string): Insertions | undefined {
    return this.#changes.get(this.#image.sections.findIndex(section => section.name === sectionName))?.insertions;
  }

  #moveRelocations(btfInsertedAt: number, extPlaces: ReadonlyMap<number, number>): void {
    for (const section of this.#image.sections.filter(one => one.type === SHT_REL)) {
      const insertions = this.#changes.get(section.info)?.insertions;
      const target = this.#image.sections[section.info]?.name;
      const view = viewOf(section.bytes);
      for (let at = 0; at + REL_BYTES <= section.bytes.length; at += REL_BYTES) {
        const old = Number(view.getBigUint64(at, true));
        let place = old;
        if (insertions) place = insertions.instructionAt(old);
        else if (target === '.BTF' && btfInsertedAt >= 0 && old >= btfInsertedAt) place = old + 12;
        else if (target === '.BTF.ext') place = extPlaces.get(old) ?? old;
        view.setBigUint64(at, BigInt(place), true);
      }
    }
  }

  /** Puts the prologue before each program of a section, and a relocation of each against the map's symbol. */
  #insert(index: number, { insertions, inserted, mapOffset }: Change, symbol: number): void {
    const section = this.#image.sections[index];
    if (!section) return;
    section.bytes = insertions.apply(section.bytes, inserted);
    const relocations =
      this.#image.sections.find(one => one.type === SHT_REL && one.info === index) ??
      this.#addSection(`.rel${section.name}`, {
        ...{ type: SHT_REL, flags: SHF_INFO_LINK, info: index, entryBytes: REL_BYTES },
        link: this.#image.sections.indexOf(this.#symbols)
      });
    const added = new Uint8Array(insertions.starts.length * REL_BYTES);
    const view = viewOf(added);
    for (const [at, start] of insertions.starts.entries()) {
      view.setBigUint64(at * REL_BYTES, BigInt(insertions.functionAt(start) + mapOffset), true);
      view.setBigUint64(at * REL_BYTES + 8, (BigInt(symbol) << 32n) | BigInt(R_BPF_64_64), true);
    }
    relocations.bytes = append(relocations.bytes, added);
  }

  #moveSymbols(): void {
    this.#eachSymbol(symbol => {
      const insertions = this.#changes.get(symbol.getUint16(6, true))?.insertions;
      const type = symbol.getUint8(4) & 15;
      if (!insertions || type === STT_SECTION) return;
      const value = Number(symbol.getBigUint64(8, true));
      if (type === STT_FUNC) {
        symbol.setBigUint64(8, BigInt(insertions.functionAt(value)), true);
        symbol.setBigUint64(16, symbol.getBigUint64(16, true) + BigInt(insertions.length), true);
      } else symbol.setBigUint64(8, BigInt(insertions.instructionAt(value)), true);
    });
  }

  /** Behind all others, so that the numbers in relocations stay right. */
  #addSymbol(section: number, offset: number): void {
    const names = this.#image.sections[this.#symbols.link];
    if (!names) throw refuse('its symbols have no names');
    const bytes = new Uint8Array(SYM_BYTES);
    const view = viewOf(bytes);
    view.setUint32(0, names.bytes.length, true);
    view.setUint8(4, STB_GLOBAL_OBJECT);
    view.setUint16(6, section, true);
    view.setBigUint64(8, BigInt(offset), true);
    view.setBigUint64(16, BigInt(FILTER_MAP_BYTES), true);
    names.bytes = append(names.bytes, ascii(FILTER_MAP));
    this.#symbols.bytes = append(this.#symbols.bytes, bytes);
  }
}

/**
 * Restricts an object, see the file's head.
 *
 * @param object - with BTF, as clang wrote it; is not changed. Its DWARF is left out, whose addresses would be stale
 * @param maxEntries - of the filter's map: the most containers at a time
 * @throws LabError BPFLAB_POD_FILTER, BPFLAB_OBJECT_INVALID
 */
export function filterObject(object: Uint8Array, maxEntries: number): FilteredObject {
  const filter = new Filter(readObjectImage(stripObject(object)), maxEntries);
  return { object: filter.run(), sections: filter.report };
}
