import type { StackFrame } from '../../protocol/index.js';

/** Kernel addresses are in the upper half (x86-64, arm64). */
const KERNEL_START = 1n << 63n;
/** What is kept; the oldest goes, and is asked for again when somebody reads it. */
const MAX_NAMES = 200_000;
const MAX_STACKS = 65_536;
/** Asked for at once: who sorts a million rows by their stacks has those names first that were read first. */
const MAX_ASKED = 20_000;

/** Why bpf_get_stackid() gave no stack. */
const reasons: ReadonlyMap<number, string> = new Map([
  [-17, 'no stack: another one had the same id (-EEXIST)'],
  [-14, 'no stack (-EFAULT)'],
  [-12, 'no stack: no room (-ENOMEM)']
]);

const GONE = 'no stack: it is not in the map any more';
const COMING = 'reading the names …';

/** An address without a name yet; `process` is 0 for the kernel's and where it is not known. */
export interface WantedAddress {
  address: bigint;
  process: number;
}

/** Names of stacks that the records of a view carry, and which of them somebody has asked for in vain. */
export class StackNames {
  /** By map and id; null: the map has none with that id. */
  readonly #stacks = new Map<string, readonly bigint[] | null>();
  readonly #names = new Map<string, string>();
  /** Ids that were asked for in vain, by map. */
  #asked = new Map<string, Set<number>>();
  #addresses = new Map<string, WantedAddress>();
  readonly #onWanted: () => void;

  /** `onWanted`: something was asked for that is not known yet. */
  constructor(onWanted: () => void) {
    this.#onWanted = onWanted;
  }

  /** True when something was asked for that is not known yet. */
  get isWanting(): boolean {
    return this.#asked.size > 0 || this.#addresses.size > 0;
  }

  /** Ids that are wanted, by STACK_TRACE map; they count as not asked for from now on. */
  takeIds(): Map<string, ReadonlySet<number>> {
    const asked = this.#asked;
    this.#asked = new Map();
    return asked;
  }

  /** Addresses that need a name; they count as not asked for from now on. */
  takeAddresses(): WantedAddress[] {
    const addresses = [...this.#addresses.values()];
    this.#addresses = new Map();
    return addresses;
  }

  /** What a map held when it was read for these ids: those that are not in it have no stack. */
  knowStacks(map: string, ids: ReadonlySet<number>, stacks: ReadonlyMap<number, readonly bigint[]>): void {
    for (const id of ids) keep(this.#stacks, `${map} ${id}`, stacks.get(id) ?? null, MAX_STACKS);
  }

  /** The name of an address; one without has its number, and the file that it is in. */
  know({ address, process }: WantedAddress, frame: StackFrame): void {
    const number = `0x${address.toString(16)}`;
    const origin = frame.origin === '' ? '' : ` [${frame.origin}]`;
    const name = frame.is_known ? frame.name + (frame.kind === 'kernel' ? origin : '') : number + origin;
    keep(this.#names, keyOf(address, process), name, MAX_NAMES);
  }

  /** The functions of a stack of a map, or why there are none. */
  textOfId(map: string, id: number, process: number): string {
    if (id < 0) return reasons.get(id) ?? `no stack (${id})`;
    const stack = this.#stacks.get(`${map} ${id}`);
    if (stack !== undefined) return stack === null ? GONE : this.textOf(stack, process);
    const asked = this.#asked.get(map) ?? new Set();
    this.#asked.set(map, asked.add(id));
    this.#onWanted();
    return COMING;
  }

  /** The functions of a stack, the innermost first. */
  textOf(addresses: readonly bigint[], process: number): string {
    return addresses.map(address => this.#nameOf(address, process)).join(' ← ');
  }

  #nameOf(address: bigint, process: number): string {
    const key = keyOf(address, process);
    const name = this.#names.get(key);
    if (name !== undefined) return name;
    if (this.#addresses.size >= MAX_ASKED) return `0x${address.toString(16)}`;
    this.#addresses.set(key, { address, process: address >= KERNEL_START ? 0 : process });
    this.#onWanted();
    return `0x${address.toString(16)}`;
  }
}

const keyOf = (address: bigint, process: number): string =>
  address >= KERNEL_START ? `k${address}` : `${process} ${address}`;

function keep<V>(map: Map<string, V>, key: string, value: V, limit: number): void {
  map.set(key, value);
  if (map.size <= limit) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
