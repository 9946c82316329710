/** .BTF.ext: which C line an instruction comes from (linux/btf.h, struct btf_ext_header; libbpf_internal.h). */
import type { Btf } from './btf.js';
import { ByteReader } from './byte-reader.js';
import { objectInvalid } from './object-invalid.js';
import type { ProgramSpec } from './object-spec.js';

/** Line of the instruction at byte `offset` of its section. */
export interface LineRecord {
  offset: number;
  file: string;
  line: number;
  column: number;
  text: string;
}

/** What .BTF.ext holds; `lines` by section name, ordered by offset. */
export interface BtfExt {
  lines: Map<string, LineRecord[]>;
  coreRelocations: number;
}

/** Calls `visit` at each record of one of the three tables, with the cursor at its start. */
function eachRecord(table: Uint8Array, btf: Btf, visit: (section: string, record: ByteReader) => void): void {
  if (table.length === 0) return;
  const reader = new ByteReader(table, 'the .BTF.ext section');
  const recordBytes = reader.u32();
  if (recordBytes < 4) throw objectInvalid(`its .BTF.ext has records of ${recordBytes} bytes`);
  while (reader.at < reader.length) {
    const section = btf.text(reader.u32());
    const count = reader.u32();
    for (let index = 0; index < count; index++)
      visit(section, new ByteReader(reader.bytes(recordBytes), 'a .BTF.ext record'));
  }
}

/** The tables of line information and of CO-RE relocations. */
function tablesOf(section: Uint8Array): { lines: Uint8Array; core: Uint8Array } {
  const header = new ByteReader(section, 'the .BTF.ext header');
  if (header.u16() !== 0xeb9f) throw objectInvalid('its .BTF.ext section has no BTF magic');
  header.skip(2);
  const headerBytes = header.u32();
  header.skip(8);
  const part = (offset: number, size: number): Uint8Array => {
    const start = headerBytes + offset;
    if (start + size > section.length)
      throw objectInvalid('its .BTF.ext section ends before the records that it names');
    return section.subarray(start, start + size);
  };
  const lines = part(header.u32(), header.u32());
  return { lines, core: headerBytes >= 32 ? part(header.u32(), header.u32()) : section.subarray(0, 0) };
}

/**
 * Calls `visit` with the section and the bytes of each CO-RE relocation of a .BTF.ext section.
 *
 * @throws LabError BPFLAB_OBJECT_INVALID when the section is broken
 */
export function eachCoreRecord(
  section: Uint8Array,
  btf: Btf,
  visit: (section: string, record: ByteReader) => void
): void {
  eachRecord(tablesOf(section).core, btf, visit);
}

/** Reads .BTF.ext; record sizes are the file's, so that later versions with longer records are read as well. */
export function readBtfExt(section: Uint8Array, btf: Btf): BtfExt {
  const { lines: lineTable, core: coreTable } = tablesOf(section);
  const lines = new Map<string, LineRecord[]>();
  eachRecord(lineTable, btf, (name, record) => {
    const known = lines.get(name) ?? [];
    lines.set(name, known);
    known.push(readLine(record, btf));
  });
  for (const known of lines.values()) known.sort((left, right) => left.offset - right.offset);
  let coreRelocations = 0;
  eachRecord(coreTable, btf, () => coreRelocations++);
  return { lines, coreRelocations };
}

function readLine(record: ByteReader, btf: Btf): LineRecord {
  const offset = record.u32();
  const file = btf.text(record.u32());
  const text = btf.text(record.u32());
  const place = record.u32();
  return { offset, file, line: place >>> 10, column: place & 0x3ff, text };
}

/** The lines of the function at bytes [start, end) of a section; `insn` counts from the function's first instruction. */
export function linesOf(records: LineRecord[], start: number, end: number): ProgramSpec['lines'] {
  return records
    .filter(record => record.offset >= start && record.offset < end)
    .map(({ offset, file, line, column, text }) => ({ insn: (offset - start) / 8, file, line, column, text }));
}
