/**
 * A kernel's BTF for look-ups by name: 100,000 types are found by one pass over their headers, and decoded one by one as
 * somebody asks. For an editor that must answer at once and keeps many of these; `readBtf` is for who needs all types.
 */
import { eachBtfHeader } from './btf-headers.js';
import { btfParts, BtfReader } from './btf.js';
import type { Type, TypeId, TypeTable } from './type-table.js';

/** What a name of a kernel can be. */
export type KernelNameKind = 'struct' | 'union' | 'enum' | 'typedef' | 'function';

const KINDS: readonly (KernelNameKind | null)[] = [
  ...[null, null, null, null, 'struct', 'union', 'enum', null, 'typedef'],
  ...[null, null, null, 'function', null, null, null, null, null, null, 'enum']
] as (KernelNameKind | null)[];
const ENUM64 = 19;
const DECL_TAG = 17;
const HEADER_BYTES = 12;
/** Decoded types that are kept. */
const MAX_DECODED = 20_000;

interface Names {
  ids: Map<string, TypeId>;
  sorted: string[] | null;
}

/** See the file's head. Types are decoded when `types[id]` is read, and must not be changed. */
export class BtfOnDemand implements TypeTable {
  readonly types: Type[];
  readonly #view: DataView;
  /** The string section, a character for a byte: names of C are ASCII. */
  readonly #strings: string;
  readonly #reader: BtfReader;
  readonly #offsets: Uint32Array;
  readonly #names = new Map<KernelNameKind, Names>();
  #decoded = new Map<TypeId, Type>();
  #enumerators: Map<string, TypeId> | null = null;
  readonly #kernelFunctions: TypeId[] = [];

  /**
   * Scans the headers of all types.
   *
   * @param section - the bytes of /sys/kernel/btf/vmlinux; kept, not copied
   * @throws LabError BPFLAB_OBJECT_INVALID when it is broken
   */
  constructor(section: Uint8Array) {
    const { types, strings } = btfParts(section);
    this.#view = new DataView(types.buffer, types.byteOffset, types.byteLength);
    this.#strings = characters(strings);
    this.#reader = new BtfReader(types, strings);
    this.#offsets = this.#scan();
    this.types = new Proxy([], { get: (_, key) => (key === 'length' ? this.#offsets.length : this.#type(key)) });
  }

  /** Id of a definition, null when there is none; of several of one name the first. */
  find(kind: KernelNameKind, name: string): TypeId | null {
    return this.#namesOf(kind).ids.get(name) ?? null;
  }

  /** All names of a kind that begin with `prefix`, in order, at most `limit`. */
  namesFrom(kind: KernelNameKind, prefix: string, limit: number): string[] {
    const names = this.#namesOf(kind);
    names.sorted ??= [...names.ids.keys()].sort();
    const first = lowerBound(names.sorted, prefix);
    const found: string[] = [];
    for (let i = first; i < names.sorted.length && found.length < limit; i++) {
      const name = names.sorted[i] ?? '';
      if (!name.startsWith(prefix)) break;
      found.push(name);
    }
    return found;
  }

  /** A function's prototype under its name; null when the kernel has none of that name. */
  prototype(name: string): Extract<Type, { kind: 'function' }> | null {
    const id = this.find('function', name);
    const type = id === null ? null : this.types[this.#view.getUint32(this.#offset(id) + 8, true)];
    return type?.kind === 'function' ? { ...type, name } : null;
  }

  /** Names of the kernel functions that BPF programs may call (declaration tag bpf_kfunc, kernels since 6.10). */
  callable(): string[] {
    return this.#kernelFunctions.map(id => this.#nameOf(id)).sort();
  }

  /** Value of an enumerator and the id of its enum; null when there is none. */
  enumerator(name: string): { type: TypeId; value: bigint } | null {
    const id = this.#allEnumerators().get(name);
    const type = id === undefined ? undefined : this.types[id];
    const value = type?.kind === 'enum' ? type.values.find(one => one.name === name)?.value : undefined;
    return id === undefined || value === undefined ? null : { type: id, value };
  }

  /** Names of enumerators that begin with `prefix`, at most `limit`. */
  enumeratorsFrom(prefix: string, limit: number): string[] {
    const found: string[] = [];
    for (const name of this.#allEnumerators().keys()) {
      if (name.startsWith(prefix)) found.push(name);
      if (found.length >= limit) break;
    }
    return found.sort();
  }

  #offset(id: TypeId): number {
    return this.#offsets[id] ?? 0;
  }

  #kind(id: TypeId): number {
    return (this.#view.getUint32(this.#offset(id) + 4, true) >>> 24) & 0x1f;
  }

  #nameOf(id: TypeId): string {
    return this.#textAt(this.#view.getUint32(this.#offset(id), true));
  }

  #textAt(start: number): string {
    return this.#strings.slice(start, this.#strings.indexOf('\0', start));
  }

  /** Offset of every type; entry 0 is void and has none. */
  #scan(): Uint32Array {
    const offsets = [0];
    eachBtfHeader(this.#view, (kind, _, at) => {
      if (kind === DECL_TAG) this.#addTag(at);
      offsets.push(at);
    });
    return Uint32Array.from(offsets);
  }

  #addTag(at: number): void {
    const text = this.#textAt(this.#view.getUint32(at, true));
    if (text === 'bpf_kfunc') this.#kernelFunctions.push(this.#view.getUint32(at + 8, true));
  }

  #namesOf(kind: KernelNameKind): Names {
    const known = this.#names.get(kind);
    if (known) return known;
    const ids = new Map<string, TypeId>();
    for (let id = 1; id < this.#offsets.length; id++) {
      if (KINDS[this.#kind(id)] !== kind || this.#view.getUint32(this.#offset(id), true) === 0) continue;
      const name = this.#nameOf(id);
      if (!ids.has(name)) ids.set(name, id);
    }
    const names = { ids, sorted: null };
    this.#names.set(kind, names);
    return names;
  }

  #allEnumerators(): Map<string, TypeId> {
    if (this.#enumerators) return this.#enumerators;
    const found = new Map<string, TypeId>();
    for (let id = 1; id < this.#offsets.length; id++) {
      const kind = this.#kind(id);
      if (KINDS[kind] !== 'enum') continue;
      const at = this.#offset(id);
      const count = this.#view.getUint32(at + 4, true) & 0xffff;
      const step = kind === ENUM64 ? 12 : 8;
      for (let i = 0; i < count; i++)
        found.set(this.#textAt(this.#view.getUint32(at + HEADER_BYTES + i * step, true)), id);
    }
    this.#enumerators = found;
    return found;
  }

  #type(key: string | symbol): Type | undefined {
    const id = typeof key === 'string' ? Number(key) : NaN;
    if (!(id >= 0 && id < this.#offsets.length)) return undefined;
    if (id === 0) return { kind: 'void' };
    const known = this.#decoded.get(id);
    if (known) return known;
    if (this.#decoded.size >= MAX_DECODED) this.#decoded = new Map();
    const type = this.#reader.typeAt(this.#offset(id));
    this.#decoded.set(id, type);
    return type;
  }
}

function characters(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return parts.join('');
}

function lowerBound(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
