/**
 * Which types are written into each ring and perf buffer, which BTF does not say. In this order: a `__type(value, …)`
 * of a ring map; anchors that the instrumentation left; and the pointers in the calls themselves, whose types the debug
 * information gives. All distinct types of a map are listed: which one is meant is the user's choice.
 */
import type { Btf } from './btf.js';
import { readDwarf, type DwarfInfo } from './dwarf/die.js';
import { DwarfTypes } from './dwarf/dwarf-types.js';
import type { Elf } from './elf.js';
import { CodeImage } from './flow/code-image.js';
import type { Origin } from './flow/flow-value.js';
import { PointerTypes } from './flow/pointer-types.js';
import { recordWrites, type RecordWrite } from './flow/record-writes.js';
import { ObjectTrace } from './flow/trace-object.js';
import { memberAt } from './member-at.js';
import type { MapSpec, RecordCandidate } from './object-spec.js';
import { recordAnchors } from './record-anchors.js';
import { sizeOf, stripType, typeName } from './type-layout.js';
import type { TypeId, TypeTable } from './type-table.js';

const MAP_LOOKUP = 1;

const isRecordMap = (map: MapSpec): boolean => map.type === 'ringbuf' || map.type === 'perf_event_array';

/** All maps and their inner shapes. */
const withInner = (maps: MapSpec[]): MapSpec[] => maps.flatMap(map => (map.inner ? [map, map.inner] : [map]));

/** Types are the same candidate when they have the same C name and size; unnamed ones when they are the same type. */
function candidateKey(types: TypeTable, id: TypeId): string {
  const { id: stripped, type } = stripType(types, id);
  const isUnnamed = 'name' in type && type.name === '';
  return isUnnamed ? String(stripped) : `${typeName(types, stripped)} ${sizeOf(types, stripped)}`;
}

function pushCandidate(types: TypeTable, map: MapSpec, candidate: RecordCandidate): void {
  const key = candidateKey(types, candidate.type);
  if (!map.records.some(known => candidateKey(types, known.type) === key)) map.records.push(candidate);
}

interface Sized {
  type: TypeId;
  size: number;
}

/** An object under examination. */
interface Subject {
  elf: Elf;
  btf: Btf;
  types: TypeTable;
  maps: MapSpec[];
}

class RecordTypeFinder {
  readonly #subject: Subject;
  readonly #types: TypeTable;
  readonly #dwarf: DwarfTypes;
  readonly #info: DwarfInfo;
  readonly #trace: ObjectTrace;
  readonly #pointers: PointerTypes;
  readonly #byName: Map<string, MapSpec>;

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#types = subject.types;
    this.#info = readDwarf(subject.elf);
    this.#dwarf = new DwarfTypes(this.#info, subject.types);
    this.#trace = new ObjectTrace(new CodeImage(subject.elf));
    this.#pointers = new PointerTypes(this.#info, this.#dwarf);
    this.#byName = new Map(subject.maps.map(map => [map.name, map]));
    for (const traced of this.#trace.traced) this.#pointers.add(traced);
  }

  /** Adds candidates to the maps that `isOpen` accepts. */
  fill(isOpen: (map: MapSpec) => boolean): void {
    const anchored = this.#addAnchors(isOpen);
    for (const write of recordWrites(this.#trace)) {
      const maps = write.maps
        .flatMap(origin => this.#mapOf(origin) ?? [])
        // An anchor names the type of a call exactly; what its pointer looks like can add nothing.
        .filter(map => isOpen(map) && !anchored.has(`${map.name} ${write.sizeBytes}`));
      if (maps.length === 0) continue;
      const chosen = this.#chosen(write);
      for (const map of maps) {
        for (const { type } of chosen)
          pushCandidate(this.#types, map, { type, found: write.found, sizeBytes: write.sizeBytes });
      }
    }
  }

  /** Returns map and size of what was anchored. */
  #addAnchors(isOpen: (map: MapSpec) => boolean): Set<string> {
    const anchored = new Set<string>();
    for (const anchor of recordAnchors(this.#info, this.#dwarf, new Set(this.#byName.keys()))) {
      const map = this.#byName.get(anchor.map);
      if (!map || !isOpen(map)) continue;
      const type = this.#dwarf.idOf(anchor.type);
      const sizeBytes = sizeOf(this.#types, type);
      // A `char *` or `u8 *` says nothing of what it points to.
      if (sizeBytes <= 1) continue;
      pushCandidate(this.#types, map, { type, found: 'anchor', sizeBytes });
      anchored.add(`${map.name} ${sizeBytes}`);
    }
    return anchored;
  }

  /** The map itself, or the inner shape of a map in map that a lookup gave. */
  #mapOf(origin: Origin): MapSpec | null {
    if (origin.base.startsWith('map:')) return this.#byName.get(origin.base.slice('map:'.length)) ?? null;
    return this.#lookedUpIn(origin)?.inner ?? null;
  }

  /** The map whose lookup gave the pointer. */
  #lookedUpIn(origin: Origin): MapSpec | null {
    const lookup = this.#trace.calls.find(call => call.helper === MAP_LOOKUP && call.result.base === origin.base);
    const map = lookup?.parameters[0]?.find(one => one.base.startsWith('map:'));
    return map ? (this.#byName.get(map.base.slice('map:'.length)) ?? null) : null;
  }

  /** Types of the pointer that fit the size best: exactly; else the largest that fit; a number as often as it fits. */
  #chosen(write: RecordWrite): Sized[] {
    const known = write.data.flatMap(origin => this.#typesAt(origin, write.sizeBytes));
    const sized = known.filter(({ size }) => size > 0);
    const exact = sized.filter(({ size }) => size === write.sizeBytes);
    if (exact.length > 0) return exact;
    const whole = sized.filter(({ type }) => !this.#isScalar(type));
    const fitting = whole.filter(({ size }) => write.sizeBytes === 0 || size <= write.sizeBytes);
    const candidates = fitting.length > 0 ? fitting : whole;
    const largest = candidates.reduce((most, { size }) => Math.max(most, size), 0);
    if (candidates.length > 0) return candidates.filter(({ size }) => size === largest);
    return sized.flatMap(({ type, size }) => this.#repeated(type, write.sizeBytes / size));
  }

  #isScalar(type: TypeId): boolean {
    const { kind } = stripType(this.#types, type).type;
    return kind === 'int' || kind === 'pointer' || kind === 'enum' || kind === 'float';
  }

  #repeated(element: TypeId, count: number): Sized[] {
    if (!Number.isInteger(count) || count < 1) return [];
    const type = this.#types.types.push({ kind: 'array', element, count }) - 1;
    return [{ type, size: sizeOf(this.#types, type) }];
  }

  #typesAt(origin: Origin, size: number): Sized[] {
    const exact = this.#pointers.at(origin).map(die => this.#dwarf.idOf(die));
    const inside = this.#pointers
      .around(origin)
      .map(({ die, offset }) => memberAt(this.#types, this.#dwarf.idOf(die), { offset: origin.offset - offset, size }));
    const lookedUp = origin.offset === 0 ? (this.#lookedUpIn(origin)?.valueType ?? null) : null;
    return [...exact, ...inside, ...this.#globalsAt(origin, size), lookedUp]
      .filter(type => type !== null)
      .map(type => ({ type, size: sizeOf(this.#types, type) }));
  }

  /** A pointer to a global variable, or into it. */
  #globalsAt(origin: Origin, size: number): TypeId[] {
    if (!origin.base.startsWith('data:')) return [];
    const { elf, btf } = this.#subject;
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
}

/**
 * Fills `records` of the object's ring and perf buffers, and adds types that only the debug information has to the table.
 *
 * @throws LabError BPFLAB_OBJECT_INVALID when the debug information is broken
 */
export function addRecordTypes(subject: Subject): void {
  const { types, maps } = subject;
  const rings = withInner(maps).filter(isRecordMap);
  for (const map of rings) {
    if (map.type !== 'ringbuf' || map.valueType === 0) continue;
    map.records.push({ type: map.valueType, found: 'hint', sizeBytes: sizeOf(types, map.valueType) });
  }
  const open = new Set(rings.filter(map => map.records.length === 0));
  if (open.size > 0) new RecordTypeFinder(subject).fill(map => open.has(map));
}
