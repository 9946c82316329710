import { decodeText } from '../decode/decode-text.js';
import { readBtf, type Btf } from './btf.js';
import { readElf, type Elf } from './elf.js';
import { readBtfExt } from './line-info.js';
import type { ObjectSpec } from './object-spec.js';
import { readExterns, readGlobals, readOperations } from './read-globals.js';
import { readMaps } from './read-maps.js';
import { addRecordTypes } from './record-types.js';
import { readPrograms } from './read-programs.js';

const sectionNamed = (elf: Elf, name: string): Uint8Array | null =>
  elf.sections.find(section => section.name === name)?.data ?? null;

const noBtf = (): Btf => ({
  types: [{ kind: 'void' }],
  variables: new Map(),
  functions: new Map(),
  dataSections: [],
  tags: [],
  text: () => ''
});

function licenseOf(elf: Elf): string {
  const bytes = sectionNamed(elf, 'license');
  if (!bytes) return '';
  const end = bytes.indexOf(0);
  return decodeText(bytes, 0, end < 0 ? bytes.length : end);
}

/**
 * Reads what an object says: programs, maps, globals, types. Wants the object as clang wrote it, with DWARF: without
 * it the record types of rings are known only where a hint or an anchor names them.
 *
 * @throws LabError BPFLAB_OBJECT_INVALID for bytes that are no BPF object, and nothing else for any bytes.
 */
export function readObject(bytes: Uint8Array): ObjectSpec {
  const elf = readElf(bytes);
  const btfSection = sectionNamed(elf, '.BTF');
  const btf = btfSection ? readBtf(btfSection) : noBtf();
  const extSection = sectionNamed(elf, '.BTF.ext');
  const ext = extSection && btfSection ? readBtfExt(extSection, btf) : null;
  const types = { types: btf.types };
  const maps = readMaps(btf);
  addRecordTypes({ elf, btf, ext, types, maps });
  return {
    license: licenseOf(elf),
    types,
    programs: readPrograms(elf, ext),
    maps,
    globals: readGlobals(elf, btf),
    externs: readExterns(elf, btf),
    operations: readOperations(btf),
    coreRelocations: ext?.coreRelocations ?? 0
  };
}
