/** Debugging information entries of compile units, DWARF 4 and 5, 32-bit format. */
import type { Elf } from '../elf.js';
import { ByteReader } from '../byte-reader.js';
import { objectInvalid } from '../object-invalid.js';
import {
  AbbreviationTables,
  readAttributes,
  skipAttributes,
  type Abbreviation,
  type Attribute
} from './abbreviation.js';
import { At, Form } from './dwarf-constant.js';
import { debugSection } from './dwarf-sections.js';

/** Sections that entries refer to, relocated. */
export interface DebugData {
  info: Uint8Array;
  abbrev: Uint8Array;
  str: ByteReader;
  lineStr: ByteReader;
  strOffsets: ByteReader;
  addr: ByteReader;
  loclists: ByteReader;
  loc: ByteReader;
  rnglists: ByteReader;
  ranges: ByteReader;
}

/** Entries may be nested so deep: blocks and inlined functions of real programs need a few dozen. */
const MAX_NESTING = 512;
const addressIndexForms: number[] = [Form.addrx, Form.addrx1, Form.addrx2, Form.addrx3, Form.addrx4];
const stringIndexForms: number[] = [Form.strx, Form.strx1, Form.strx2, Form.strx3, Form.strx4];
const unitReferenceForms: number[] = [Form.ref1, Form.ref2, Form.ref4, Form.ref8, Form.refUdata];

/** One compile unit: where the indexes in its entries lead. */
export class DwarfUnit {
  readonly version: number;
  readonly data: DebugData;
  /** Offset of the unit in .debug_info, which references within it count from. */
  readonly start: number;
  #root: Die | null = null;

  constructor(data: DebugData, { version, start }: { version: number; start: number }) {
    this.data = data;
    this.version = version;
    this.start = start;
  }

  get root(): Die {
    if (!this.#root) throw objectInvalid('a DWARF unit is empty');
    return this.#root;
  }

  set root(die: Die) {
    this.#root = die;
  }

  text(die: Die, name: number): string {
    const attribute = die.attributes.get(name);
    if (!attribute) return '';
    const { form, value } = attribute;
    if (typeof value === 'string') return value;
    if (typeof value !== 'number') return '';
    if (form === Form.strp) return this.data.str.textAt(value);
    if (form === Form.lineStrp) return this.data.lineStr.textAt(value);
    if (!stringIndexForms.includes(form)) return '';
    return this.data.str.textAt(this.data.strOffsets.seek(this.#base(At.strOffsetsBase, 8) + value * 4).u32());
  }

  /** A constant or offset; null when there is none or it is too large for a number. */
  number(die: Die, name: number): number | null {
    const value = die.attributes.get(name)?.value;
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : null;
    return typeof value === 'number' ? value : null;
  }

  address(die: Die, name: number): number | null {
    const attribute = die.attributes.get(name);
    if (typeof attribute?.value !== 'number') return null;
    if (attribute.form === Form.addr) return attribute.value;
    return addressIndexForms.includes(attribute.form) ? this.addressAt(attribute.value) : null;
  }

  /** Entry `index` of .debug_addr. */
  addressAt(index: number): number {
    return this.data.addr.seek(this.#base(At.addrBase, 8) + index * 8).size64();
  }

  /** Offset in .debug_info of the entry that the attribute refers to. */
  reference(die: Die, name: number): number | null {
    const attribute = die.attributes.get(name);
    if (typeof attribute?.value !== 'number') return null;
    if (attribute.form === Form.refAddr) return attribute.value;
    return unitReferenceForms.includes(attribute.form) ? this.start + attribute.value : null;
  }

  /** Position in .debug_loclists or .debug_rnglists (version 5), .debug_loc or .debug_ranges (version 4), of a list. */
  listAt(die: Die, name: number): number | null {
    const attribute = die.attributes.get(name);
    if (typeof attribute?.value !== 'number') return null;
    if (attribute.form === Form.secOffset) return attribute.value;
    if (attribute.form !== Form.loclistx && attribute.form !== Form.rnglistx) return null;
    const isLocation = attribute.form === Form.loclistx;
    const base = this.#base(isLocation ? At.loclistsBase : At.rnglistsBase, 12);
    const section = isLocation ? this.data.loclists : this.data.rnglists;
    return base + section.seek(base + attribute.value * 4).u32();
  }

  #base(name: number, otherwise: number): number {
    return this.number(this.root, name) ?? otherwise;
  }
}

/** One entry. Its attributes and children are read when they are asked for. */
export class Die {
  /** Counts from the start of .debug_info, as references do. */
  readonly offset: number;
  readonly tag: number;
  readonly unit: DwarfUnit;
  readonly #info: DwarfInfo;
  readonly #index: number;
  #attributes: Map<number, Attribute> | null = null;

  constructor(info: DwarfInfo, index: number, entry: { offset: number; tag: number; unit: DwarfUnit }) {
    this.#info = info;
    this.#index = index;
    this.offset = entry.offset;
    this.tag = entry.tag;
    this.unit = entry.unit;
  }

  get attributes(): Map<number, Attribute> {
    return (this.#attributes ??= this.#info.attributesOf(this.#index));
  }

  get children(): Die[] {
    return this.#info.childrenOf(this.#index);
  }

  get parent(): Die | null {
    return this.#info.parentOf(this.#index);
  }
}

/**
 * All entries of an object. The first pass only notes where they are: an object that reads the kernel's structs has a
 * hundred thousand of them, of which a few hundred are looked at.
 */
export class DwarfInfo {
  readonly units: DwarfUnit[] = [];
  readonly #data: DebugData;
  readonly #reader: ByteReader;
  readonly #tables: AbbreviationTables;
  /** By index of the entry, in order of the file: lists of numbers, which cost no garbage. */
  readonly #offsets: number[] = [];
  readonly #parents: number[] = [];
  /** Index of the first entry that is not inside this one. */
  readonly #ends: number[] = [];
  readonly #abbreviations: Abbreviation[] = [];
  readonly #dies = new Map<number, Die>();

  constructor(data: DebugData) {
    this.#data = data;
    this.#tables = new AbbreviationTables(data.abbrev);
    this.#reader = new ByteReader(data.info, '.debug_info');
    while (this.#reader.at < this.#reader.length) this.#scanUnit(this.#reader);
  }

  /** The entry at an offset of .debug_info, or null. */
  at(offset: number): Die | null {
    const index = this.#indexAt(offset);
    return index === null ? null : this.#die(index);
  }

  /** Entries of one tag, in the order of the file. */
  withTag(tag: number): Die[] {
    const found: Die[] = [];
    for (let index = 0; index < this.#abbreviations.length; index++) {
      if ((this.#abbreviations[index] as Abbreviation).tag === tag) found.push(this.#die(index));
    }
    return found;
  }

  attributesOf(index: number): Map<number, Attribute> {
    const reader = this.#reader.seek(this.#offsets[index] as number);
    reader.uleb();
    return readAttributes(reader, this.#abbreviations[index] as Abbreviation);
  }

  childrenOf(index: number): Die[] {
    const children: Die[] = [];
    const end = this.#ends[index] as number;
    for (let at = index + 1; at < end; at = this.#ends[at] as number) children.push(this.#die(at));
    return children;
  }

  parentOf(index: number): Die | null {
    const parent = this.#parents[index] as number;
    return parent < 0 ? null : this.#die(parent);
  }

  /** The entries stand in order of their offsets. */
  #indexAt(offset: number): number | null {
    let low = 0;
    let high = this.#offsets.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#offsets[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return this.#offsets[low] === offset ? low : null;
  }

  #die(index: number): Die {
    const known = this.#dies.get(index);
    if (known) return known;
    const offset = this.#offsets[index] as number;
    const unit = this.units.findLast(one => one.start <= offset);
    if (!unit) throw objectInvalid('a DWARF entry is in no unit');
    const die = new Die(this, index, { offset, tag: (this.#abbreviations[index] as Abbreviation).tag, unit });
    this.#dies.set(index, die);
    return die;
  }

  #scanUnit(reader: ByteReader): void {
    const start = reader.at;
    const length = reader.u32();
    if (length >= 0xfffffff0) throw objectInvalid('its DWARF is of the 64-bit format');
    const end = reader.at + length;
    if (end > reader.length) throw objectInvalid('a DWARF unit ends after its section');
    const version = reader.u16();
    if (version < 4 || version > 5) throw objectInvalid(`its DWARF is of version ${version}, not 4 or 5`);
    if (version === 5) reader.skip(2);
    const abbrevOffset = reader.u32();
    if (version === 4) reader.skip(1);
    const unit = new DwarfUnit(this.#data, { version, start });
    const first = this.#offsets.length;
    this.#scanTree(end, this.#tables.at(abbrevOffset));
    if (this.#offsets.length > first) {
      this.units.push(unit);
      unit.root = this.#die(first);
    }
    reader.seek(end);
  }

  #scanTree(end: number, table: Map<number, Abbreviation>): void {
    const reader = this.#reader;
    const open: number[] = [];
    while (reader.at < end) {
      const offset = reader.at;
      const code = reader.uleb();
      if (code !== 0) this.#scanEntry(offset, table.get(code), open);
      else this.#close(open);
      if (open.length === 0) break;
    }
    while (open.length > 0) this.#close(open);
  }

  #close(open: number[]): void {
    const index = open.pop();
    if (index !== undefined) this.#ends[index] = this.#offsets.length;
  }

  #scanEntry(offset: number, abbreviation: Abbreviation | undefined, open: number[]): void {
    if (!abbreviation) throw objectInvalid('its DWARF uses an abbreviation that is not there');
    skipAttributes(this.#reader, abbreviation);
    const index = this.#offsets.push(offset) - 1;
    this.#abbreviations.push(abbreviation);
    this.#parents.push(open.at(-1) ?? -1);
    this.#ends.push(index + 1);
    if (abbreviation.hasChildren) open.push(index);
    if (open.length > MAX_NESTING) throw objectInvalid('its DWARF is nested too deep');
  }
}

/** Reads the debug information of an object; no units when it was stripped. */
export function readDwarf(elf: Elf): DwarfInfo {
  const reader = (name: string): ByteReader => new ByteReader(debugSection(elf, name), name);
  return new DwarfInfo({
    info: debugSection(elf, '.debug_info'),
    abbrev: debugSection(elf, '.debug_abbrev'),
    str: reader('.debug_str'),
    lineStr: reader('.debug_line_str'),
    strOffsets: reader('.debug_str_offsets'),
    addr: reader('.debug_addr'),
    loclists: reader('.debug_loclists'),
    loc: reader('.debug_loc'),
    rnglists: reader('.debug_rnglists'),
    ranges: reader('.debug_ranges')
  });
}
