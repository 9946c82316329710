import type { AgentConnection, MapSpec } from '../../../core/index.js';
import type { RecordStore } from '../../../core/store/record-store.js';
import { recordStacks, stackColumns } from '../../../core/symbols/stack-columns.js';
import { StackNames, type WantedAddress } from '../../../core/symbols/stack-names.js';
import { LabError } from '../../../protocol/index.js';
import type { LiveRun } from '../live-run.js';
import { readStackMap } from './read-stack-map.js';
import { Symbolizer } from './symbolizer.js';

/** Between two readings of names. */
const NAMES_EVERY_MS = 200;
/** Newest records that are looked at with each reading; the others get their names when somebody reads them. */
const LOOKED_AT_ONCE = 1000;
/** Kernel symbols that are older are read again when an address has no name. */
const KERNEL_SYMBOLS_AGE_MS = 30_000;

interface Options {
  run: LiveRun;
  /** All of the object. */
  maps: readonly MapSpec[];
  store: RecordStore;
  /** Said below the view: what is not known is added. */
  notes: string[];
  /** The view shows something else now. */
  onChange: () => void;
}

/**
 * Gives a view of records a column with the functions of each stack in them (docs/reference/stacks.md). Names are read soon
 * after the records have come, since a process may have ended by the time somebody looks, and when they are looked at.
 */
export class RecordStackNames {
  readonly #options: Options;
  readonly #connection: AgentConnection;
  readonly #symbols: Symbolizer;
  readonly #names = new StackNames(() => this.#workSoon());
  readonly #added: { changed(): void };
  /** Of the columns with functions; none: the records carry no stack. */
  #columns: string[] = [];
  #hasProcess = true;
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> = Promise.resolve();
  #hasEnded = false;
  readonly #ended = new Set<number>();

  constructor(options: Options) {
    this.#options = options;
    this.#connection = options.run.connection;
    this.#symbols = Symbolizer.of(this.#connection);
    this.#added = options.store.addColumns(columns => {
      const stacks = recordStacks(columns, options.maps);
      const made = stackColumns(columns, stacks, this.#names);
      this.#columns = made.map(column => column.spec.name);
      this.#hasProcess = stacks.process !== null;
      return made;
    });
    void options.run.ended.then(() => {
      this.#hasEnded = true;
      if (this.#timer !== null) clearTimeout(this.#timer);
    });
  }

  /** Records have come. */
  look(): void {
    if (this.#columns.length > 0) this.#workSoon();
  }

  /** Resolves when the names of the newest records are there, or cannot be. */
  async settle(): Promise<void> {
    if (this.#columns.length > 0) await this.#work();
  }

  #workSoon(): void {
    if (this.#timer !== null || this.#hasEnded) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#work();
    }, NAMES_EVERY_MS);
    this.#timer.unref();
  }

  #work(): Promise<void> {
    this.#working = this.#working
      .then(() => this.#nameAll())
      .catch((error: unknown) => {
        // The run or its target ended meanwhile: what was asked for stays without a name.
        if (!(error instanceof LabError)) throw error;
      });
    return this.#working;
  }

  async #nameAll(): Promise<void> {
    this.#askNewest();
    if (!this.#names.isWanting) return;
    await this.#readMaps();
    // The addresses of stacks that are known by now.
    this.#askNewest();
    this.#symbols.forgetEnded();
    await Promise.all(this.#names.takeAddresses().map(wanted => this.#name(wanted)));
    this.#added.changed();
    this.#options.onChange();
  }

  /** Makes the texts of the newest records, which asks for what they lack. */
  #askNewest(): void {
    const rows = this.#options.store.rows({ columns: this.#columns, filters: [] });
    rows.read(Math.max(0, rows.count - LOOKED_AT_ONCE), LOOKED_AT_ONCE);
  }

  async #readMaps(): Promise<void> {
    const ids = new Map(this.#options.run.maps.map(map => [map.name, map.id]));
    for (const [map, wanted] of this.#names.takeIds()) {
      const id = ids.get(map);
      this.#names.knowStacks(map, wanted, id === undefined ? new Map() : await readStackMap(this.#connection, id));
    }
  }

  async #name(wanted: WantedAddress): Promise<void> {
    const frame = await this.#symbols.frame(wanted.address, wanted.process);
    this.#names.know(wanted, frame);
    if (frame.is_known) return;
    if (frame.kind === 'kernel') {
      const hides = (await this.#symbols.kernelTable()) === null;
      if (!hides) this.#symbols.refreshKernel(KERNEL_SYMBOLS_AGE_MS);
      this.#say(
        hides
          ? 'the kernel hides its addresses (kernel.kptr_restrict), so its functions have no names'
          : 'some addresses of the kernel belong to no symbol of /proc/kallsyms'
      );
    } else if (!this.#hasProcess) {
      this.#say(
        'the records name no process, so functions of programs have no names; a field "pid" with the tgid helps'
      );
    } else if (!(await this.#symbols.hasProcess(wanted.process))) {
      this.#sayEnded(wanted.process);
    }
  }

  #say(note: string): void {
    const { notes } = this.#options;
    if (!notes.includes(note)) notes.push(note);
  }

  #sayEnded(process: number): void {
    const { notes } = this.#options;
    const textOf = (): string =>
      `functions of ${this.#ended.size} processes that had ended, or are not of this target, have no names`;
    const at = notes.indexOf(textOf());
    this.#ended.add(process);
    if (at < 0) notes.push(textOf());
    else notes[at] = textOf();
  }
}
