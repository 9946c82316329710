/** Reads what core/instrument leaves in the debug information: local pointers to `struct { RING *map; RECORD *record; }`. */
import type { Die, DwarfInfo } from './dwarf/die.js';
import { At, Tag } from './dwarf/dwarf-constant.js';
import type { DwarfTypes } from './dwarf/dwarf-types.js';

const RECORD_ANCHOR = 'bpflab_record';

/** A ring, by name, and the entry of a type that a call puts into it. */
export interface RecordAnchor {
  map: string;
  type: Die;
}

/** Maps are told apart by their struct types, each of which the compiler describes once per definition. */
function mapsByType(info: DwarfInfo, types: DwarfTypes, names: Set<string>): Map<number, string[]> {
  const maps = new Map<number, string[]>();
  for (const unit of info.units) {
    for (const die of unit.root.children) {
      const name = die.tag === Tag.variable ? unit.text(die, At.name) : '';
      const type = names.has(name) ? types.strippedDie(die) : null;
      if (type) maps.set(type.offset, [...(maps.get(type.offset) ?? []), name]);
    }
  }
  return maps;
}

/** All anchors for the maps of those names. One map type for several maps gives an anchor for each. */
export function recordAnchors(info: DwarfInfo, types: DwarfTypes, names: Set<string>): RecordAnchor[] {
  const maps = mapsByType(info, types, names);
  const anchors: RecordAnchor[] = [];
  for (const die of info.withTag(Tag.variable)) {
    if (die.unit.text(die, At.name) !== RECORD_ANCHOR) continue;
    const members = (types.pointedDie(die)?.children ?? []).filter(child => child.tag === Tag.member);
    const [ring, record] = members.map(member => types.pointedDie(member));
    if (!ring || !record) continue;
    for (const map of maps.get(ring.offset) ?? []) anchors.push({ map, type: record });
  }
  return anchors;
}
