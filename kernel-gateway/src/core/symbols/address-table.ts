/** Names by address, for binary search. */

/** A name and the address where it begins; `origin`: module or file, empty for the kernel itself. */
export interface NamedAddress {
  address: bigint;
  name: string;
  origin: string;
}

/** A found name; `offset` is how far behind its beginning the address is. */
export interface FoundName {
  name: string;
  origin: string;
  offset: bigint;
}

/** Functions in the order of their addresses. */
export class AddressTable {
  readonly #addresses: BigUint64Array;
  readonly #sizes: BigUint64Array | null;
  readonly #names: string[];
  readonly #origins: string[];

  /** `sizes` by the order of `entries`; 0 or null: a function goes on to the next one. */
  constructor(entries: readonly NamedAddress[], sizes: readonly bigint[] | null = null) {
    const order = entries.map((_, index) => index);
    order.sort((a, b) => compare(entries[a]?.address ?? 0n, entries[b]?.address ?? 0n));
    this.#addresses = new BigUint64Array(entries.length);
    this.#sizes = sizes === null ? null : new BigUint64Array(entries.length);
    this.#names = [];
    this.#origins = [];
    order.forEach((from, to) => {
      const entry = entries[from];
      this.#addresses[to] = entry?.address ?? 0n;
      if (this.#sizes !== null) this.#sizes[to] = sizes?.[from] ?? 0n;
      this.#names.push(entry?.name ?? '');
      this.#origins.push(entry?.origin ?? '');
    });
  }

  get size(): number {
    return this.#addresses.length;
  }

  /** Where the function of that name begins; null when there is none. A walk over all names. */
  addressOf(name: string): bigint | null {
    const at = this.#names.indexOf(name);
    return at < 0 ? null : (this.#addresses[at] ?? null);
  }

  /** The function that the address is in; null in front of the first one and behind the end of one with a size. */
  find(address: bigint): FoundName | null {
    let low = 0;
    let high = this.#addresses.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#addresses[middle] ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return null;
    const at = low - 1;
    const offset = address - (this.#addresses[at] ?? 0n);
    const size = this.#sizes?.[at] ?? 0n;
    if (size > 0n && offset >= size) return null;
    return { name: this.#names[at] ?? '', origin: this.#origins[at] ?? '', offset };
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
