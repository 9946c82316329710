/** What a program reads of the kernel's types: the CO-RE relocations of .BTF.ext (linux/bpf.h, struct bpf_core_relo). */
import { readBtf } from './btf.js';
import { readElf } from './elf.js';
import { eachCoreRecord } from './line-info.js';
import type { Type, TypeId } from './type-table.js';

/** One place of the code that is filled in when the program is loaded. */
export interface CoreUse {
  /** ELF section of the code. */
  section: string;
  /** `exists`: the code asks whether it is there, and does without. */
  wants: 'field' | 'type' | 'enumerator' | 'exists';
  /** "task_struct", without what stands behind three underscores. */
  type: string;
  /** Names from the type down to the field, or the one enumerator; empty for the type itself. */
  path: string[];
}

/** By the kind's number; null: says nothing of the target. */
const KINDS: readonly (CoreUse['wants'] | null)[] = [
  ...(['field', 'field', 'exists', 'field', 'field', 'field'] as const),
  ...([null, 'type', 'exists', 'type', 'exists', 'enumerator', 'exists'] as const)
];

/**
 * Reads them all, in the order of the file.
 *
 * @throws LabError BPFLAB_OBJECT_INVALID for bytes that are no BPF object
 */
export function readCoreUses(object: Uint8Array): CoreUse[] {
  const elf = readElf(object);
  const dataOf = (name: string): Uint8Array | undefined => elf.sections.find(one => one.name === name)?.data;
  const section = dataOf('.BTF');
  const ext = dataOf('.BTF.ext');
  if (section === undefined || ext === undefined) return [];
  const btf = readBtf(section);
  const uses: CoreUse[] = [];
  eachCoreRecord(ext, btf, (name, record) => {
    record.skip(4);
    const type = record.u32();
    const access = btf.text(record.u32()).split(':').map(Number);
    const wants = KINDS[record.u32()] ?? null;
    const root = plain(btf.types, type);
    if (wants === null || root === null || !('name' in root) || root.name === '') return;
    const path = root.kind === 'enum' ? enumeratorOf(root, access) : pathOf(btf.types, root, access.slice(1));
    uses.push({ section: name, wants, type: root.name.replace(/___.*$/, ''), path });
  });
  return uses;
}

/** The type behind qualifiers and typedefs. */
function plain(types: readonly Type[], id: TypeId): Type | null {
  let type = types[id];
  for (let steps = 0; steps < 32 && (type?.kind === 'qualifier' || type?.kind === 'typedef'); steps++) {
    type = types[type.target];
  }
  return type ?? null;
}

const enumeratorOf = (type: Extract<Type, { kind: 'enum' }>, access: readonly number[]): string[] =>
  [type.values[access[0] ?? 0]?.name.replace(/___.*$/, '') ?? ''].filter(name => name !== '');

/** Members without a name are only a way to those with one. */
function pathOf(types: readonly Type[], root: Type, access: readonly number[]): string[] {
  const names: string[] = [];
  let type: Type | null = root;
  for (const index of access) {
    if (type?.kind === 'array') {
      type = plain(types, type.element);
      continue;
    }
    if (type?.kind !== 'struct' && type?.kind !== 'union') break;
    const member: { name: string; type: TypeId } | undefined = type.members[index];
    if (member === undefined) break;
    if (member.name !== '') names.push(member.name);
    type = plain(types, member.type);
  }
  return names;
}
