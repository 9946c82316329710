/**
 * A BPF object in a form that can be changed and written again: sections in order, by number. ELF64, little-endian
 * (System V ABI, chapters 4 and 5).
 */
import { objectInvalid } from './object-invalid.js';

const SHT_NOBITS = 8;
const EHDR_BYTES = 64;
const SHDR_BYTES = 64;
const MAX_ALIGN = 65_536;

/** A section; `bytes` is empty for SHT_NOBITS, whose `size` counts. Owned by the image: change it as you like. */
export interface ImageSection {
  name: string;
  nameOffset: number;
  type: number;
  flags: number;
  link: number;
  info: number;
  align: number;
  entryBytes: number;
  size: number;
  bytes: Uint8Array;
}

/** `head` is the ELF header, `names` the number of the section that holds the sections' names. */
export interface ObjectImage {
  head: Uint8Array;
  sections: ImageSection[];
  names: number;
}

/** A DataView of exactly these bytes. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function textAt(bytes: Uint8Array, offset: number): string {
  const end = bytes.indexOf(0, offset);
  return String.fromCharCode(...bytes.subarray(offset, end < 0 ? bytes.length : end));
}

function readSection(object: Uint8Array, offset: number): ImageSection {
  const header = viewOf(object.subarray(offset, offset + SHDR_BYTES));
  const type = header.getUint32(4, true);
  const start = Number(header.getBigUint64(24, true));
  const size = Number(header.getBigUint64(32, true));
  if (type !== SHT_NOBITS && start + size > object.length) throw objectInvalid('a section is cut off');
  const align = Number(header.getBigUint64(48, true));
  if (align > MAX_ALIGN) throw objectInvalid('a section has an alignment that is out of range');
  return {
    name: '',
    nameOffset: header.getUint32(0, true),
    type,
    flags: Number(header.getBigUint64(8, true)),
    link: header.getUint32(40, true),
    info: header.getUint32(44, true),
    align,
    entryBytes: Number(header.getBigUint64(56, true)),
    size,
    bytes: type === SHT_NOBITS ? new Uint8Array(0) : object.slice(start, start + size)
  };
}

/**
 * Copies an object into an image.
 *
 * @throws LabError BPFLAB_OBJECT_INVALID when the bytes are no little-endian ELF64 file or end too early
 */
export function readObjectImage(file: Uint8Array): ObjectImage {
  // Node's Buffer is a Uint8Array whose slice() does not copy.
  const object = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const head = viewOf(object);
  if (object.length < EHDR_BYTES || head.getUint32(0, false) !== 0x7f454c46 || object[4] !== 2 || object[5] !== 1)
    throw objectInvalid('it is no little-endian ELF64 file');
  const offset = Number(head.getBigUint64(40, true));
  const count = head.getUint16(60, true);
  const names = head.getUint16(62, true);
  if (offset + count * SHDR_BYTES > object.length || names >= count)
    throw objectInvalid('its section headers are cut off');
  const sections = Array.from({ length: count }, (_, index) => readSection(object, offset + index * SHDR_BYTES));
  const strings = sections[names]?.bytes ?? new Uint8Array(0);
  for (const section of sections) section.name = textAt(strings, section.nameOffset);
  return { head: object.slice(0, EHDR_BYTES), sections, names };
}

function writeSection(header: DataView, section: ImageSection, place: number): void {
  header.setUint32(0, section.nameOffset, true);
  header.setUint32(4, section.type, true);
  header.setBigUint64(8, BigInt(section.flags), true);
  header.setBigUint64(24, BigInt(place), true);
  header.setBigUint64(32, BigInt(section.type === SHT_NOBITS ? section.size : section.bytes.length), true);
  header.setUint32(40, section.link, true);
  header.setUint32(44, section.info, true);
  header.setBigUint64(48, BigInt(section.align), true);
  header.setBigUint64(56, BigInt(section.entryBytes), true);
}

/** The image as an object file: a new array. */
export function writeObjectImage({ head, sections, names }: ObjectImage): Uint8Array {
  const places: number[] = [];
  let at = EHDR_BYTES;
  for (const section of sections) {
    const align = Math.max(1, section.align);
    at = Math.ceil(at / align) * align;
    places.push(at);
    at += section.bytes.length;
  }
  const headers = Math.ceil(at / 8) * 8;
  const out = new Uint8Array(headers + sections.length * SHDR_BYTES);
  out.set(head);
  const view = viewOf(out);
  view.setBigUint64(40, BigInt(headers), true);
  view.setUint16(60, sections.length, true);
  view.setUint16(62, names, true);
  for (const [index, section] of sections.entries()) {
    const offset = headers + index * SHDR_BYTES;
    // Section 0 stands for nothing, and has no place.
    writeSection(viewOf(out.subarray(offset, offset + SHDR_BYTES)), section, index === 0 ? 0 : (places[index] ?? 0));
    out.set(section.bytes, places[index] ?? 0);
  }
  return out;
}
