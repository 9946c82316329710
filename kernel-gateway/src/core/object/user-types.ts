import type { Die, DwarfInfo } from './dwarf/die.js';
import { At, Tag } from './dwarf/dwarf-constant.js';
import type { DwarfTypes } from './dwarf/dwarf-types.js';

/** Files that declare one of these hold the kernel's types (vmlinux.h, or the headers of the C library). */
const kernelNames = new Set(['__u64', 'task_struct', 'pt_regs']);
const named = new Set<number>([Tag.structureType, Tag.unionType, Tag.typedef]);
const MAX_TYPES = 2000;

const fileOf = (die: Die): string => `${die.unit.start}:${die.unit.number(die, At.declFile) ?? 0}`;

/**
 * Puts the types that the program itself declares into the table, so that a user can name one as the record type of a
 * ring that nothing else tells the type of.
 */
export function addUserTypes(info: DwarfInfo, types: DwarfTypes): void {
  const declared = info.units
    .flatMap(unit => unit.root.children)
    .filter(die => named.has(die.tag) && !die.attributes.has(At.declaration));
  const nameOf = (die: Die): string => die.unit.text(die, At.name);
  const kernelFiles = new Set(declared.filter(die => kernelNames.has(nameOf(die))).map(fileOf));
  const own = declared.filter(die => !kernelFiles.has(fileOf(die)) && nameOf(die) !== '');
  for (const die of own.slice(0, MAX_TYPES)) types.idOf(die);
}
