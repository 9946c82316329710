import type { MapSpec, TypeTable } from '../../core/index.js';
import { findType, typeName } from '../../core/object/type-layout.js';
import type { RecordStore } from '../../core/store/record-store.js';
import { LabError } from '../../protocol/index.js';
import type { LiveView } from './live-view.js';

/** Types offered for a ring that nothing tells the type of. */
const MAX_OFFERED = 100;
/** What a record is read as when no type is chosen: its bytes. */
const BYTES = 'bytes';

/** A ring's or perf buffer's records and what is known of their type. */
interface RecordTypeOptions {
  types: TypeTable;
  map: MapSpec;
  store: RecordStore;
  /** Said below the view; emptied when the user has chosen. */
  notes: string[];
  /** Type that the records are read as at first; 0: not known. */
  type: number;
}

/**
 * The types that the records of a ring may have, where it is not certain: those that the program's code names, else every
 * struct of the program, and plain bytes. Nothing where there is one candidate only.
 */
export function recordTypeChoice(options: RecordTypeOptions): Pick<LiveView, 'recordTypes'> {
  const { types, map, store, notes } = options;
  if (map.records.length === 1) {
    return {};
  }
  const named = map.records.map(candidate => typeName(types, candidate.type));
  const candidates = [...new Set([...(named.length > 0 ? named : structNames(types)), BYTES])];
  const nameOf = (type: number): string => (type === 0 ? BYTES : typeName(types, type));
  const recordTypes = {
    current: nameOf(options.type),
    candidates,
    choose: (name: string): void => {
      const type = name === BYTES ? 0 : findType(types, name);
      if (type === null) {
        throw new LabError('BPFLAB_VALUE_INVALID', `The program has no type "${name}".`);
      }
      store.setType(type);
      recordTypes.current = nameOf(type);
      notes.length = 0;
    }
  };
  return { recordTypes };
}

function structNames(types: TypeTable): string[] {
  const structs = types.types.flatMap((type, id) =>
    (type.kind === 'struct' || type.kind === 'union') && type.name !== '' ? [typeName(types, id)] : []
  );
  return [...new Set(structs)].slice(0, MAX_OFFERED);
}
