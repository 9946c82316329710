/** Types by name for one request: those of the cell and its headers first, then the kernel's. */
import type { BtfOnDemand } from '../object/btf-on-demand.js';
import { sizeOf, stripType, typeName } from '../object/type-layout.js';
import type { TypeId } from '../object/type-table.js';
import type { CellSource } from './cell-source.js';
import { textOfType, type Declared, type TextType } from './declaration.js';

/** A type of the kernel, or one as a text writes it. */
export type EditorType = { from: 'kernel'; id: TypeId } | { from: 'text'; type: TextType };

/** A member as the editor shows it. Offset and size are known for the kernel's types only. */
export interface EditorMember {
  name: string;
  type: EditorType;
  text: string;
  offsetBytes: number | null;
  sizeBytes: number | null;
}

const MAX_STEPS = 16;

/** See the file's head. Broken types give no members, never an error. */
export class TypeWorld {
  readonly kernel: BtfOnDemand | null;
  readonly #sources: readonly CellSource[];

  /** `sources` in order of search: the cell, then the files that it includes. */
  constructor(kernel: BtfOnDemand | null, sources: readonly CellSource[]) {
    this.kernel = kernel;
    this.#sources = sources;
  }

  /** The type that a text names without stars: "struct x", "u32"; null when nobody has it. */
  named(base: string): EditorType | null {
    for (const source of this.#sources) {
      const record = source.records.find(one => one.name === base && one.name.includes(' '));
      if (record) return fromText({ base, pointers: 0, arrays: [], members: record.members });
      const alias = source.typedefs.find(one => one.name === base);
      if (alias) return fromText(alias.type);
    }
    return this.#kernelNamed(base);
  }

  #kernelNamed(base: string): EditorType | null {
    if (!this.kernel) return null;
    const [, keyword, name = ''] = /^(?:(struct|union|enum) )?(\w+)$/.exec(base) ?? [];
    const id = this.kernel.find((keyword as 'struct' | undefined) ?? 'typedef', name);
    return id === null ? null : { from: 'kernel', id };
  }

  /** Members of a struct or union, or of what a pointer or array of it is of; those of unnamed parts included. */
  members(type: EditorType): EditorMember[] {
    try {
      return type.from === 'kernel' ? this.#kernelMembers(type.id, 0, 0) : this.#textMembers(type.type, 0);
    } catch {
      return [];
    }
  }

  /** One member by name, null when there is none. */
  member(type: EditorType, name: string): EditorMember | null {
    return this.members(type).find(one => one.name === name) ?? null;
  }

  /** The type as C text. */
  text(type: EditorType): string {
    if (type.from === 'text') return textOfType(type.type);
    try {
      return this.kernel ? typeName(this.kernel, type.id) : '';
    } catch {
      return '';
    }
  }

  /** The struct or union behind pointers, arrays, typedefs, with its keyword; null when there is none. */
  recordName(type: EditorType): string | null {
    const text = this.text(this.#plain(type)).replaceAll(/\b(const|volatile)\b\s*|\s*\*|\[[^\]]*\]/g, '');
    return /^(struct|union) \w+$/.test(text) ? text : null;
  }

  #plain(type: EditorType): EditorType {
    if (type.from === 'text') {
      const named = this.named(type.type.base);
      return named && type.type.members === null && named.from === 'kernel' ? this.#plain(named) : type;
    }
    const id = this.#recordId(type.id);
    return id === null ? type : { from: 'kernel', id };
  }

  #recordId(id: TypeId): TypeId | null {
    if (!this.kernel) return null;
    let at = id;
    for (let step = 0; step < MAX_STEPS; step++) {
      const { id: stripped, type } = stripType(this.kernel, at);
      if (type.kind === 'struct' || type.kind === 'union') return stripped;
      if (type.kind === 'forward') return this.kernel.find(type.isUnion ? 'union' : 'struct', type.name);
      if (type.kind === 'pointer') at = type.target;
      else if (type.kind === 'array') at = type.element;
      else return null;
    }
    return null;
  }

  #kernelMembers(id: TypeId, baseBytes: number, depth: number): EditorMember[] {
    const record = this.#recordId(id);
    const type = record === null ? undefined : this.kernel?.types[record];
    if (!this.kernel || (type?.kind !== 'struct' && type?.kind !== 'union') || depth > MAX_STEPS) return [];
    const { kernel } = this;
    return type.members.flatMap(member => {
      const offsetBytes = baseBytes + Math.floor(member.bitOffset / 8);
      if (member.name === '') return this.#kernelMembers(member.type, offsetBytes, depth + 1);
      const text = typeName(kernel, member.type) + (member.bitSize > 0 ? ` : ${member.bitSize}` : '');
      const sizeBytes = sizeOf(kernel, member.type);
      return [{ name: member.name, type: { from: 'kernel' as const, id: member.type }, text, offsetBytes, sizeBytes }];
    });
  }

  #textMembers(type: TextType, depth: number): EditorMember[] {
    if (depth > MAX_STEPS) return [];
    if (type.members) return type.members.flatMap(one => this.#textMember(one, depth));
    const named = this.named(type.base);
    if (!named) return [];
    if (named.from === 'kernel') return this.#kernelMembers(named.id, 0, 0);
    return this.#textMembers(named.type, depth + 1);
  }

  #textMember(one: Declared, depth: number): EditorMember[] {
    if (one.name === '') return this.#textMembers(one.type, depth + 1);
    return [
      { name: one.name, type: fromText(one.type), text: textOfType(one.type), offsetBytes: null, sizeBytes: null }
    ];
  }
}

/** A type as the text has it. */
export const fromText = (type: TextType): EditorType => ({ from: 'text', type });
