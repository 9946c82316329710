/** Abbreviations: which attributes an entry has, in which forms (DWARF 5 section 7.5.3). */
import { ByteReader } from '../byte-reader.js';
import { objectInvalid } from '../object-invalid.js';
import { Form } from './dwarf-constant.js';

/** A value as it stands in the file; what it means depends on the form. */
export interface Attribute {
  form: number;
  value: number | bigint | string | Uint8Array;
}

/**
 * One abbreviation. `skip` says how to get over its attributes in an entry: numbers of bytes, and forms whose size stands
 * in the entry itself.
 */
export interface Abbreviation {
  tag: number;
  hasChildren: boolean;
  attributes: { name: number; form: number; implicit: bigint }[];
  skip: readonly SkipStep[];
}

type SkipStep = { bytes: number } | { form: number };

const lebForms = new Set<number>([
  Form.udata,
  Form.sdata,
  Form.strx,
  Form.addrx,
  Form.loclistx,
  Form.rnglistx,
  Form.refUdata
]);

const small = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

/** Reads one value; the number is its size in bytes where that is fixed. */
const forms = new Map<number, readonly [number, (reader: ByteReader) => Attribute['value']]>([
  [Form.addr, [8, reader => reader.size64()]],
  [Form.block1, [-1, reader => reader.bytes(reader.u8())]],
  [Form.block2, [-1, reader => reader.bytes(reader.u16())]],
  [Form.block4, [-1, reader => reader.bytes(reader.u32())]],
  [Form.block, [-1, reader => reader.bytes(reader.uleb())]],
  [Form.exprloc, [-1, reader => reader.bytes(reader.uleb())]],
  [Form.data1, [1, reader => reader.u8()]],
  [Form.data2, [2, reader => reader.u16()]],
  [Form.data4, [4, reader => reader.u32()]],
  [Form.data8, [8, reader => small(reader.u64())]],
  [Form.data16, [16, reader => reader.bytes(16)]],
  [Form.string, [-1, reader => reader.text()]],
  [Form.flag, [1, reader => reader.u8()]],
  [Form.flagPresent, [0, () => 1]],
  [Form.implicitConst, [0, () => 0]],
  [Form.sdata, [-1, reader => small(reader.sleb())]],
  [Form.udata, [-1, reader => small(reader.uleb64())]],
  [Form.strp, [4, reader => reader.u32()]],
  [Form.lineStrp, [4, reader => reader.u32()]],
  [Form.strpSup, [4, reader => reader.u32()]],
  [Form.secOffset, [4, reader => reader.u32()]],
  [Form.refAddr, [4, reader => reader.u32()]],
  [Form.ref1, [1, reader => reader.u8()]],
  [Form.ref2, [2, reader => reader.u16()]],
  [Form.ref4, [4, reader => reader.u32()]],
  [Form.ref8, [8, reader => reader.size64()]],
  [Form.refSig8, [8, reader => reader.u64()]],
  [Form.refSup4, [4, reader => reader.u32()]],
  [Form.refSup8, [8, reader => reader.u64()]],
  [Form.refUdata, [-1, reader => reader.uleb()]],
  [Form.strx, [-1, reader => reader.uleb()]],
  [Form.strx1, [1, reader => reader.u8()]],
  [Form.strx2, [2, reader => reader.u16()]],
  [Form.strx3, [3, reader => reader.u16() + reader.u8() * 0x10000]],
  [Form.strx4, [4, reader => reader.u32()]],
  [Form.addrx, [-1, reader => reader.uleb()]],
  [Form.addrx1, [1, reader => reader.u8()]],
  [Form.addrx2, [2, reader => reader.u16()]],
  [Form.addrx3, [3, reader => reader.u16() + reader.u8() * 0x10000]],
  [Form.addrx4, [4, reader => reader.u32()]],
  [Form.loclistx, [-1, reader => reader.uleb()]],
  [Form.rnglistx, [-1, reader => reader.uleb()]]
]);

function readValue(reader: ByteReader, form: number): Attribute['value'] {
  const known = forms.get(form);
  if (!known) throw objectInvalid(`its DWARF has the unknown form ${form}`);
  return known[1](reader);
}

/** Attributes of an entry, with the cursor behind its abbreviation code. */
export function readAttributes(reader: ByteReader, abbreviation: Abbreviation): Map<number, Attribute> {
  const attributes = new Map<number, Attribute>();
  for (const { name, form: declared, implicit } of abbreviation.attributes) {
    const form = declared === Form.indirect ? reader.uleb() : declared;
    const value = form === Form.implicitConst ? small(implicit) : readValue(reader, form);
    attributes.set(name, { form, value });
  }
  return attributes;
}

/** Moves the cursor behind an entry's attributes. */
export function skipAttributes(reader: ByteReader, abbreviation: Abbreviation): void {
  for (const step of abbreviation.skip) {
    if ('bytes' in step) reader.skip(step.bytes);
    else if (lebForms.has(step.form)) reader.skipLeb();
    else readValue(reader, step.form === Form.indirect ? reader.uleb() : step.form);
  }
}

function skipOf(attributes: Abbreviation['attributes']): SkipStep[] {
  const steps: SkipStep[] = [];
  let bytes = 0;
  for (const { form } of attributes) {
    const size = forms.get(form)?.[0] ?? -1;
    if (size >= 0) {
      bytes += size;
      continue;
    }
    if (bytes > 0) steps.push({ bytes });
    bytes = 0;
    steps.push({ form });
  }
  return bytes > 0 ? [...steps, { bytes }] : steps;
}

function readAbbreviation(reader: ByteReader): Abbreviation {
  const tag = reader.uleb();
  const hasChildren = reader.u8() === 1;
  const attributes: Abbreviation['attributes'] = [];
  for (;;) {
    const name = reader.uleb();
    const form = reader.uleb();
    const implicit = form === Form.implicitConst ? reader.sleb() : 0n;
    if (name === 0 && form === 0) return { tag, hasChildren, attributes, skip: skipOf(attributes) };
    attributes.push({ name, form, implicit });
  }
}

/** The tables of .debug_abbrev, read once each. */
export class AbbreviationTables {
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
    for (let code = reader.uleb(); code !== 0; code = reader.uleb()) table.set(code, readAbbreviation(reader));
    this.#tables.set(offset, table);
    return table;
  }
}
