/** Lists of address ranges, with location expressions (DWARF 5 section 7.7.3 and 7.25; DWARF 4 section 2.6.2 and 2.17.3). */
import type { ByteReader } from '../byte-reader.js';
import { objectInvalid } from '../object-invalid.js';
import { At } from './dwarf-constant.js';
import type { Die, DwarfUnit } from './die.js';

/** Addresses [low, high); `expression` is empty in a list of ranges. */
export interface AddressRange {
  low: number;
  high: number;
  expression: Uint8Array;
}

const MAX_ENTRIES = 100_000;
const ALL_ONES = 2 ** 64 - 1;
const none = new Uint8Array(0);

/** Entry kinds; those of range lists and location lists differ in default_location (5), which ranges do not have. */
const locationKinds = [
  'end',
  'baseX',
  'startXEndX',
  'startXLength',
  'offsets',
  'default',
  'base',
  'startEnd',
  'startLength'
];
const rangeKinds = ['end', 'baseX', 'startXEndX', 'startXLength', 'offsets', 'base', 'startEnd', 'startLength'];

class ListReader {
  readonly ranges: AddressRange[] = [];
  #base: number;
  readonly #reader: ByteReader;
  readonly #unit: DwarfUnit;
  readonly #hasExpressions: boolean;

  constructor(reader: ByteReader, unit: DwarfUnit, hasExpressions: boolean) {
    this.#reader = reader;
    this.#unit = unit;
    this.#hasExpressions = hasExpressions;
    this.#base = unit.address(unit.root, At.lowPc) ?? 0;
  }

  readVersion5(): AddressRange[] {
    const kinds = this.#hasExpressions ? locationKinds : rangeKinds;
    for (let count = 0; count < MAX_ENTRIES; count++) {
      const kind = kinds[this.#reader.u8()];
      if (kind === 'end') return this.ranges;
      if (kind === undefined) throw objectInvalid('its DWARF has a list entry of an unknown kind');
      this.#entry(kind);
    }
    throw objectInvalid('its DWARF has an endless list');
  }

  #entry(kind: string): void {
    const reader = this.#reader;
    switch (kind) {
      case 'baseX':
        this.#base = this.#unit.addressAt(reader.uleb());
        break;
      case 'base':
        this.#base = reader.size64();
        break;
      case 'default':
        this.#push(0, Number.MAX_SAFE_INTEGER);
        break;
      case 'offsets':
        this.#push(this.#base + reader.uleb(), this.#base + reader.uleb());
        break;
      case 'startEnd':
        this.#push(reader.size64(), reader.size64());
        break;
      case 'startXEndX':
        this.#push(this.#unit.addressAt(reader.uleb()), this.#unit.addressAt(reader.uleb()));
        break;
      default: {
        const low = kind === 'startLength' ? reader.size64() : this.#unit.addressAt(reader.uleb());
        this.#push(low, low + reader.uleb());
      }
    }
  }

  readVersion4(): AddressRange[] {
    for (let count = 0; count < MAX_ENTRIES; count++) {
      const low = Number(this.#reader.u64());
      const high = Number(this.#reader.u64());
      if (low === 0 && high === 0) return this.ranges;
      if (low >= ALL_ONES) this.#base = high;
      else this.#push4(this.#base + low, this.#base + high);
    }
    throw objectInvalid('its DWARF has an endless list');
  }

  #push(low: number, high: number): void {
    const expression = this.#hasExpressions ? this.#reader.bytes(this.#reader.uleb()) : none;
    this.ranges.push({ low, high, expression });
  }

  #push4(low: number, high: number): void {
    const expression = this.#hasExpressions ? this.#reader.bytes(this.#reader.u16()) : none;
    this.ranges.push({ low, high, expression });
  }
}

function listOf(die: Die, name: number): AddressRange[] | null {
  const { unit } = die;
  const at = unit.listAt(die, name);
  if (at === null) return null;
  const isLocation = name === At.location;
  const { loclists, rnglists, loc, ranges } = unit.data;
  const reader = unit.version === 5 ? (isLocation ? loclists : rnglists) : isLocation ? loc : ranges;
  const list = new ListReader(reader.seek(at), unit, isLocation);
  return unit.version === 5 ? list.readVersion5() : list.readVersion4();
}

/** Addresses that an entry covers itself; empty when it has none. */
export function rangesOf(die: Die): AddressRange[] {
  const list = listOf(die, At.ranges);
  if (list) return list;
  const low = die.unit.address(die, At.lowPc);
  const high = die.unit.address(die, At.highPc) ?? (low ?? 0) + (die.unit.number(die, At.highPc) ?? 0);
  return low === null || high <= low ? [] : [{ low, high, expression: none }];
}

/** Where a variable is, range by range. A single expression counts for the smallest scope around it that has addresses. */
export function locationsOf(die: Die): AddressRange[] {
  const list = listOf(die, At.location);
  if (list) return list;
  const expression = die.attributes.get(At.location)?.value;
  if (!(expression instanceof Uint8Array)) return [];
  for (let scope = die.parent; scope; scope = scope.parent) {
    const ranges = rangesOf(scope);
    if (ranges.length > 0) return ranges.map(({ low, high }) => ({ low, high, expression }));
  }
  return [];
}
