/** Debugging information entries of compile units, DWARF 4 and 5, 32-bit format. */
import type { Elf } from '../elf.js';
import { ByteReader } from '../byte-reader.js';
import { objectInvalid } from '../object-invalid.js';
import { At, Form } from './dwarf-constant.js';
import { debugSection } from './dwarf-sections.js';

/** A value as it stands in the file; what it means depends on the form, see `DwarfUnit`. */
export interface Attribute {
  form: number;
  value: number | bigint | string | Uint8Array;
}

/** One entry. `offset` counts from the start of .debug_info, as references do. */
export interface Die {
  offset: number;
  tag: number;
  attributes: Map<number, Attribute>;
  children: Die[];
  parent: Die | null;
  unit: DwarfUnit;
}

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

interface Abbreviation {
  tag: number;
  hasChildren: boolean;
  attributes: { name: number; form: number; implicit: bigint }[];
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
  readonly #start: number;
  #root: Die | null = null;

  constructor(data: DebugData, { version, start }: { version: number; start: number }) {
    this.data = data;
    this.version = version;
    this.#start = start;
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
    return unitReferenceForms.includes(attribute.form) ? this.#start + attribute.value : null;
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

class AbbreviationTables {
  readonly #tables = new Map<number, Map<number, Abbreviation>>();
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  at(offset: number): Map<number, Abbreviation> {
    const known = this.#tables.get(offset);
    if (known) return known;
    const table = new Map<number, Abbreviation>();
    const reader = new ByteReader(this.#bytes, '.debug_abbrev', Math.min(offset, this.#bytes.length));
    for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
      const tag = reader.uleb();
      const hasChildren = reader.u8() === 1;
      const attributes: Abbreviation['attributes'] = [];
      for (;;) {
        const name = reader.uleb();
        const form = reader.uleb();
        const implicit = form === Form.implicitConst ? reader.sleb() : 0n;
        if (name === 0 && form === 0) break;
        attributes.push({ name, form, implicit });
      }
      table.set(code, { tag, hasChildren, attributes });
    }
    this.#tables.set(offset, table);
    return table;
  }
}

const small = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

/** Reads one value; forms of other sizes than these do not occur in BPF objects. */
const formReaders = new Map<number, (reader: ByteReader) => Attribute['value']>([
  [Form.addr, reader => reader.size64()],
  [Form.block1, reader => reader.bytes(reader.u8())],
  [Form.block2, reader => reader.bytes(reader.u16())],
  [Form.block4, reader => reader.bytes(reader.u32())],
  [Form.block, reader => reader.bytes(reader.uleb())],
  [Form.exprloc, reader => reader.bytes(reader.uleb())],
  [Form.data1, reader => reader.u8()],
  [Form.data2, reader => reader.u16()],
  [Form.data4, reader => reader.u32()],
  [Form.data8, reader => small(reader.u64())],
  [Form.data16, reader => reader.bytes(16)],
  [Form.string, reader => reader.text()],
  [Form.flag, reader => reader.u8()],
  [Form.flagPresent, () => 1],
  [Form.sdata, reader => small(reader.sleb())],
  [Form.udata, reader => small(reader.uleb64())],
  [Form.strp, reader => reader.u32()],
  [Form.lineStrp, reader => reader.u32()],
  [Form.strpSup, reader => reader.u32()],
  [Form.secOffset, reader => reader.u32()],
  [Form.refAddr, reader => reader.u32()],
  [Form.ref1, reader => reader.u8()],
  [Form.ref2, reader => reader.u16()],
  [Form.ref4, reader => reader.u32()],
  [Form.ref8, reader => reader.size64()],
  [Form.refSig8, reader => reader.u64()],
  [Form.refSup4, reader => reader.u32()],
  [Form.refSup8, reader => reader.u64()],
  [Form.refUdata, reader => reader.uleb()],
  [Form.strx, reader => reader.uleb()],
  [Form.strx1, reader => reader.u8()],
  [Form.strx2, reader => reader.u16()],
  [Form.strx3, reader => reader.u16() + reader.u8() * 0x10000],
  [Form.strx4, reader => reader.u32()],
  [Form.addrx, reader => reader.uleb()],
  [Form.addrx1, reader => reader.u8()],
  [Form.addrx2, reader => reader.u16()],
  [Form.addrx3, reader => reader.u16() + reader.u8() * 0x10000],
  [Form.addrx4, reader => reader.u32()],
  [Form.loclistx, reader => reader.uleb()],
  [Form.rnglistx, reader => reader.uleb()]
]);

function readAttributes(reader: ByteReader, abbreviation: Abbreviation): Map<number, Attribute> {
  const attributes = new Map<number, Attribute>();
  for (const { name, form: declared, implicit } of abbreviation.attributes) {
    const form = declared === Form.indirect ? reader.uleb() : declared;
    const read = formReaders.get(form);
    if (!read && form !== Form.implicitConst) throw objectInvalid(`its DWARF has the unknown form ${form}`);
    attributes.set(name, { form, value: read ? read(reader) : small(implicit) });
  }
  return attributes;
}

/** All units of an object and their entries by offset. */
export class DwarfInfo {
  readonly units: DwarfUnit[] = [];
  readonly dies = new Map<number, Die>();
  readonly #data: DebugData;
  readonly #abbreviations: AbbreviationTables;

  constructor(data: DebugData) {
    this.#data = data;
    this.#abbreviations = new AbbreviationTables(data.abbrev);
    const reader = new ByteReader(data.info, '.debug_info');
    while (reader.at < reader.length) this.#readUnit(reader);
  }

  #readUnit(reader: ByteReader): void {
    const start = reader.at;
    const length = reader.u32();
    if (length >= 0xfffffff0) throw objectInvalid('its DWARF is of the 64-bit format');
    const end = reader.at + length;
    const version = reader.u16();
    if (version < 4 || version > 5) throw objectInvalid(`its DWARF is of version ${version}, not 4 or 5`);
    if (version === 5) reader.skip(2);
    const abbrevOffset = reader.u32();
    if (version === 4) reader.skip(1);
    const unit = new DwarfUnit(this.#data, { version, start });
    const root = this.#readTree(reader, unit, { end, table: this.#abbreviations.at(abbrevOffset) });
    if (root) {
      unit.root = root;
      this.units.push(unit);
    }
    reader.seek(end);
  }

  #readTree(
    reader: ByteReader,
    unit: DwarfUnit,
    { end, table }: { end: number; table: Map<number, Abbreviation> }
  ): Die | null {
    let root: Die | null = null;
    const open: Die[] = [];
    while (reader.at < end) {
      const offset = reader.at;
      const code = reader.uleb();
      if (code === 0) {
        open.pop();
        if (open.length === 0) break;
        continue;
      }
      const abbreviation = table.get(code);
      if (!abbreviation) throw objectInvalid(`its DWARF uses abbreviation ${code}, which is not there`);
      const attributes = readAttributes(reader, abbreviation);
      const parent = open.at(-1) ?? null;
      const die: Die = { offset, tag: abbreviation.tag, attributes, children: [], parent, unit };
      this.dies.set(offset, die);
      parent?.children.push(die);
      root ??= die;
      if (abbreviation.hasChildren) open.push(die);
      if (open.length > MAX_NESTING) throw objectInvalid('its DWARF is nested too deep');
      if (open.length === 0) break;
    }
    return root;
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
