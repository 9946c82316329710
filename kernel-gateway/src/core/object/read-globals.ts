import type { Btf, BtfDataSection, BtfVariable } from './btf.js';
import { ElfConstant, type Elf, type ElfSection } from './elf.js';
import { objectInvalid } from './object-invalid.js';
import type { GlobalSpec, ObjectSpec } from './object-spec.js';
import { sizeOf, typeOf } from './type-layout.js';
import type { TypeId } from './type-table.js';

/** All globals together may not stand for more bytes than this (.bss of a broken file). */
const MAX_GLOBAL_BYTES = 256 * 1024 * 1024;
const LINKAGE_STATIC = 0;
/** R_BPF_64_32. */
const CALL = 10;
const LINKAGE_EXTERN = 2;

const isData = (name: string): boolean => /^\.(rodata|data|bss)(\.|$)/.test(name);

function isConst(btf: Btf, id: TypeId): boolean {
  let type = typeOf(btf, id);
  for (let depth = 0; depth < 64; depth++) {
    if (type.kind === 'qualifier' && type.qualifier === 'const') return true;
    if (type.kind === 'array') type = typeOf(btf, type.element);
    else if (type.kind === 'qualifier') type = typeOf(btf, type.target);
    else break;
  }
  return false;
}

/** clang leaves the offset of a global variable to its ELF symbol; that of a static one stands in BTF. */
function offsetOf(elf: Elf, section: ElfSection, place: { variable: BtfVariable; offset: number }): number {
  if (place.variable.linkage === LINKAGE_STATIC) return place.offset;
  const symbol = elf.symbols.find(
    candidate => candidate.name === place.variable.name && candidate.section === section.index
  );
  return symbol ? symbol.value : place.offset;
}

function globalsOf(elf: Elf, btf: Btf, data: BtfDataSection): GlobalSpec[] {
  const section = elf.sections.find(candidate => candidate.name === data.name);
  if (!section) return [];
  const zeros = section.type === ElfConstant.shtNobits;
  if (zeros && section.size > MAX_GLOBAL_BYTES) throw objectInvalid(`section ${data.name} has ${section.size} bytes`);
  const bytes = zeros ? new Uint8Array(section.size) : section.data;
  const globals: GlobalSpec[] = [];
  for (const entry of data.entries) {
    const variable = btf.variables.get(entry.id);
    if (!variable) continue;
    const offset = offsetOf(elf, section, { variable, offset: entry.offset });
    const size = entry.size > 0 ? entry.size : sizeOf(btf, variable.type);
    if (offset + size > bytes.length) throw objectInvalid(`the variable "${variable.name}" ends after its section`);
    globals.push({
      name: variable.name,
      section: data.name,
      offset,
      size,
      type: variable.type,
      initial: bytes.slice(offset, offset + size),
      isConst: isConst(btf, variable.type)
    });
  }
  return globals.sort((left, right) => left.offset - right.offset);
}

/** Variables of .rodata, .data, .bss and their custom forms (".data.x"), format strings of bpf_printk among them. */
export function readGlobals(elf: Elf, btf: Btf): GlobalSpec[] {
  return btf.dataSections.filter(data => isData(data.name)).flatMap(data => globalsOf(elf, btf, data));
}

/** `extern … __kconfig` and `__ksym` variables and functions. */
export function readExterns(elf: Elf, btf: Btf): ObjectSpec['externs'] {
  const weak = new Set(elf.symbols.filter(symbol => symbol.binding === ElfConstant.stbWeak).map(symbol => symbol.name));
  let addresses: Set<string> | null = null;
  const asked = (): Set<string> => (addresses ??= namesByAddress(elf));
  const externs: ObjectSpec['externs'] = [];
  for (const data of btf.dataSections) {
    if (data.name !== '.kconfig' && data.name !== '.ksyms') continue;
    for (const entry of data.entries) {
      const named = btf.variables.get(entry.id) ?? btf.functions.get(entry.id);
      if (!named || named.linkage !== LINKAGE_EXTERN) continue;
      externs.push({
        name: named.name,
        kind: data.name === '.kconfig' ? 'kconfig' : 'ksym',
        weak: weak.has(named.name),
        asked: weak.has(named.name) && (!btf.functions.has(entry.id) || asked().has(named.name)),
        isFunction: btf.functions.has(entry.id)
      });
    }
  }
  return externs;
}

/** Variables of the sections `.struct_ops` and `.struct_ops.link`. */
export function readOperations(btf: Btf): ObjectSpec['operations'] {
  const sections = btf.dataSections.filter(data => data.name.startsWith('.struct_ops'));
  return sections.flatMap(data =>
    data.entries.flatMap(({ id }) => {
      const variable = btf.variables.get(id);
      const type = variable === undefined ? undefined : btf.types[variable.type];
      return variable !== undefined && type?.kind === 'struct' ? [{ name: variable.name, type: type.name }] : [];
    })
  );
}

/** Symbols whose address code takes, which is how it asks for them; a call is another relocation. */
function namesByAddress(elf: Elf): Set<string> {
  const code = elf.sections.filter(section => (section.flags & ElfConstant.shfExecinstr) !== 0);
  const relocations = code.flatMap(section => elf.relocationsOf(section.index));
  const names = relocations.filter(one => one.type !== CALL).map(one => elf.symbols[one.symbol]?.name ?? '');
  return new Set(names);
}
