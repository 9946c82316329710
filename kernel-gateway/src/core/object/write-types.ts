/** The types that one write of a record can be of, from the strongest evidence that there is. */
import type { Btf } from './btf.js';
import type { DwarfTypes } from './dwarf/dwarf-types.js';
import type { Elf } from './elf.js';
import type { Origin } from './flow/flow-value.js';
import type { PointerTypes, ScopeVariable } from './flow/pointer-types.js';
import type { RecordWrite } from './flow/record-writes.js';
import { definedAt, type ObjectTrace } from './flow/trace-object.js';
import type { BtfExt } from './line-info.js';
import { memberAt } from './member-at.js';
import type { MapSpec } from './object-spec.js';
import { sizeOf, stripType } from './type-layout.js';
import type { TypeId, TypeTable } from './type-table.js';

interface Sized {
  type: TypeId;
  size: number;
}

/** What the evidence is read from. */
export interface WriteEvidence {
  elf: Elf;
  btf: Btf;
  ext: BtfExt | null;
  types: TypeTable;
  pointers: PointerTypes;
  dwarf: DwarfTypes;
  trace: ObjectTrace;
}

/** True for numbers and pointers. */
export function isScalarType(types: TypeTable, id: TypeId): boolean {
  const { kind } = stripType(types, id).type;
  return kind === 'int' || kind === 'pointer' || kind === 'enum' || kind === 'float';
}

/** `event` of `event = bpf_ringbuf_reserve(…)`, with a declaration or a cast or without. */
function assignedName(line: string): string | null {
  return /([A-Za-z_]\w*)\s*=\s*(?:\([^()]*\)\s*)?bpf_(?:ringbuf_reserve|dynptr_data)\w*\s*\(/.exec(line)?.[1] ?? null;
}

export class WriteTypes {
  readonly #evidence: WriteEvidence;
  readonly #types: TypeTable;
  readonly #lookedUpIn: (origin: Origin) => MapSpec | null;

  constructor(evidence: WriteEvidence, lookedUpIn: (origin: Origin) => MapSpec | null) {
    this.#evidence = evidence;
    this.#types = evidence.types;
    this.#lookedUpIn = lookedUpIn;
  }

  /**
   * In this order: variables that hold the pointer, when their type has the written size; variables in scope of which the
   * debug information has lost track, by the name in the C line or by size; the largest type that the pointer is known
   * to be of; a number as often as it fits.
   */
  typesOf(write: RecordWrite): TypeId[] {
    const origins = write.data.flatMap(origin => this.#evidence.trace.namesOf(origin));
    const held = origins.flatMap(origin => this.#typesAt(origin, write.sizeBytes)).filter(({ size }) => size > 0);
    const exact = held.filter(({ size }) => size === write.sizeBytes);
    const found = exact.length > 0 ? exact : (this.#unplaced(origins, write) ?? this.#largest(held, write.sizeBytes));
    return found.map(({ type }) => type);
  }

  #largest(held: Sized[], sizeBytes: number): Sized[] {
    const whole = held.filter(({ type }) => !isScalarType(this.#types, type));
    const fitting = whole.filter(({ size }) => sizeBytes === 0 || size <= sizeBytes);
    // A pointer to a part of the record that just happens to be at its start says nothing of the record.
    const candidates = fitting.length > 0 ? fitting : whole;
    const largest = candidates.reduce((most, { size }) => Math.max(most, size), 0);
    if (candidates.length > 0) return candidates.filter(({ size }) => size === largest);
    return held.flatMap(({ type, size }) => this.#repeated(type, sizeBytes / size));
  }

  #repeated(element: TypeId, count: number): Sized[] {
    if (!Number.isInteger(count) || count < 1) return [];
    const type = this.#types.types.push({ kind: 'array', element, count }) - 1;
    return [{ type, size: sizeOf(this.#types, type) }];
  }

  #sized(type: TypeId): Sized {
    return { type, size: sizeOf(this.#types, type) };
  }

  #typesAt(origin: Origin, size: number): Sized[] {
    const { pointers, dwarf } = this.#evidence;
    const exact = pointers.at(origin).map(die => dwarf.idOf(die));
    const inside = pointers
      .around(origin)
      .map(({ die, offset }) => memberAt(this.#types, dwarf.idOf(die), { offset: origin.offset - offset, size }));
    const lookedUp = origin.offset === 0 ? (this.#lookedUpIn(origin)?.valueType ?? null) : null;
    return [...exact, ...inside, ...this.#globalsAt(origin, size), lookedUp]
      .filter(type => type !== null)
      .map(type => this.#sized(type));
  }

  /** A pointer to a global variable, or into it. */
  #globalsAt(origin: Origin, size: number): TypeId[] {
    if (!origin.base.startsWith('data:')) return [];
    const { elf, btf } = this.#evidence;
    const section = Number(origin.base.slice('data:'.length));
    const data = btf.dataSections.find(one => one.name === elf.sections[section]?.name);
    return (data?.entries ?? []).flatMap(({ id, offset }) => {
      const variable = btf.variables.get(id);
      if (!variable) return [];
      const symbol = elf.symbols.find(one => one.section === section && one.name === variable.name);
      const at = origin.offset - (symbol?.value ?? offset);
      if (at === 0 && size === 0) return [variable.type];
      return memberAt(this.#types, variable.type, { offset: at, size }) ?? [];
    });
  }

  /** Null when no variable in scope fits. */
  #unplaced(origins: Origin[], write: RecordWrite): Sized[] | null {
    const isOnStack = origins.some(origin => origin.base.startsWith('stack:'));
    const places = isOnStack ? [write] : origins.flatMap(origin => definedAt(origin) ?? []);
    const candidates = places.flatMap(place => this.#unplacedAt(place, isOnStack));
    const fitting = candidates.filter(({ size, isNamed }) =>
      write.sizeBytes === 0 ? isNamed : size === write.sizeBytes
    );
    const named = fitting.filter(({ isNamed }) => isNamed);
    if (fitting.length === 0) return null;
    return named.length > 0 ? named : fitting;
  }

  #unplacedAt(
    { context, slot }: { context: number; slot: number },
    isOnStack: boolean
  ): (Sized & { isNamed: boolean })[] {
    const { pointers, dwarf, trace } = this.#evidence;
    const traced = trace.traced[context];
    if (!traced) return [];
    const wanted = assignedName(this.#lineAt(traced.code, slot));
    const dieOf = ({ type, pointed }: ScopeVariable): ScopeVariable['type'] => (isOnStack ? type : pointed);
    return pointers.unplaced(traced, slot).flatMap(variable => {
      const die = dieOf(variable);
      const sized = die ? this.#sized(dwarf.idOf(die)) : null;
      if (!sized || sized.size === 0 || isScalarType(this.#types, sized.type)) return [];
      return [{ ...sized, isNamed: variable.name === wanted }];
    });
  }

  /** C text of the line that an instruction comes from; empty when it is not known. */
  #lineAt(code: { section: number; start: number }, slot: number): string {
    const lines = this.#evidence.ext?.lines.get(this.#evidence.elf.sections[code.section]?.name ?? '') ?? [];
    return lines.findLast(line => line.offset <= code.start + slot * 8)?.text ?? '';
  }
}
