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
import { recordWrites } from './flow/record-writes.js';
import { ObjectTrace } from './flow/trace-object.js';
import type { BtfExt } from './line-info.js';
import type { MapSpec, RecordCandidate } from './object-spec.js';
import { recordAnchors } from './record-anchors.js';
import { sizeOf, stripType, typeName } from './type-layout.js';
import type { TypeId, TypeTable } from './type-table.js';
import { addUserTypes } from './user-types.js';
import { isScalarType, WriteTypes } from './write-types.js';

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

/** An object under examination. */
interface Subject {
  elf: Elf;
  btf: Btf;
  ext: BtfExt | null;
  types: TypeTable;
  maps: MapSpec[];
}

class RecordTypeFinder {
  readonly #types: TypeTable;
  readonly #dwarf: DwarfTypes;
  readonly #info: DwarfInfo;
  readonly #trace: ObjectTrace;
  readonly #typing: WriteTypes;
  readonly #byName: Map<string, MapSpec>;

  constructor(subject: Subject) {
    this.#types = subject.types;
    this.#info = readDwarf(subject.elf);
    this.#dwarf = new DwarfTypes(this.#info, subject.types);
    this.#trace = new ObjectTrace(new CodeImage(subject.elf));
    this.#byName = new Map(subject.maps.map(map => [map.name, map]));
    const pointers = new PointerTypes(this.#info, this.#dwarf);
    for (const traced of this.#trace.traced) pointers.add(traced);
    const { elf, btf, ext, types } = subject;
    const parts = { elf, btf, ext, types, pointers, dwarf: this.#dwarf, trace: this.#trace };
    this.#typing = new WriteTypes(parts, origin => this.#lookedUpIn(origin));
  }

  /** Adds candidates to the maps that `isOpen` accepts. */
  fill(isOpen: (map: MapSpec) => boolean): void {
    const anchors = this.#anchors(isOpen);
    const isScalar = ({ candidate }: AnchoredMap): boolean => isScalarType(this.#types, candidate.type);
    for (const { map, candidate } of anchors.filter(anchor => !isScalar(anchor))) {
      pushCandidate(this.#types, map, candidate);
    }
    this.#addWrites(isOpen);
    addUserTypes(this.#info, this.#dwarf);
    // An array that is given to an output call is a pointer to its first element there: the worst of all witnesses.
    for (const { map, candidate } of anchors.filter(isScalar)) {
      if (map.records.length === 0) pushCandidate(this.#types, map, candidate);
    }
  }

  #addWrites(isOpen: (map: MapSpec) => boolean): void {
    const isAnchored = (map: MapSpec, sizeBytes: number): boolean =>
      map.records.some(known => known.found === 'anchor' && known.sizeBytes === sizeBytes);
    for (const write of recordWrites(this.#trace)) {
      const { found, sizeBytes } = write;
      // An anchor names the type of a call exactly; what its pointer looks like can add nothing.
      const maps = write.maps.flatMap(origin => this.#mapOf(origin) ?? []);
      const wanting = maps.filter(map => isOpen(map) && !isAnchored(map, sizeBytes));
      if (wanting.length === 0) continue;
      const chosen = this.#typing.typesOf(write);
      for (const map of wanting) {
        for (const type of chosen) pushCandidate(this.#types, map, { type, found, sizeBytes });
      }
    }
  }

  #anchors(isOpen: (map: MapSpec) => boolean): AnchoredMap[] {
    const names = new Set(this.#byName.keys());
    return recordAnchors(this.#info, this.#dwarf, names).flatMap(anchor => {
      const map = this.#byName.get(anchor.map);
      const type = this.#dwarf.idOf(anchor.type);
      const sizeBytes = sizeOf(this.#types, type);
      return map && isOpen(map) && sizeBytes > 0
        ? [{ map, candidate: { type, found: 'anchor' as const, sizeBytes } }]
        : [];
    });
  }

  /** The map itself, or the inner shape of a map in map that a lookup gave. */
  #mapOf(origin: Origin): MapSpec | null {
    return this.#named(origin) ?? this.#lookedUpIn(origin)?.inner ?? null;
  }

  #named(origin: Origin | undefined): MapSpec | null {
    if (!origin?.base.startsWith('map:')) return null;
    return this.#byName.get(origin.base.slice('map:'.length)) ?? null;
  }

  /** The map whose lookup gave the pointer. */
  #lookedUpIn(origin: Origin): MapSpec | null {
    const call = this.#trace.callOf(origin);
    if (call?.helper !== MAP_LOOKUP) return null;
    return this.#named(call.parameters[0]?.find(one => one.base.startsWith('map:')));
  }
}

interface AnchoredMap {
  map: MapSpec;
  candidate: RecordCandidate;
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
