import type {
  ColumnSpec,
  HistogramSeries,
  Losses,
  Snapshot,
  StackProfile,
  StoreState,
  WindowMessage,
  WindowRequest
} from '../../protocol/index.js';
import type { RowsRequest, StoreRows } from '../store/store-rows.js';
import type { Store } from '../store/store.js';
import { profileText, shortProfile } from './build-profile.js';

const SNAPSHOT_STACKS = 100;

/** The rows of a map that counts stacks, and those stacks by name. A window that asks for no rows gets the stacks. */
export class StackStore implements Store {
  readonly #rows: Store;
  #profile: StackProfile | null = null;
  #changes = 0;

  constructor(rows: Store) {
    this.#rows = rows;
  }

  get columns(): ColumnSpec[] {
    return this.#rows.columns;
  }

  get totalRows(): bigint {
    return this.#rows.totalRows;
  }

  get state(): StoreState {
    return this.#rows.state;
  }

  get losses(): Losses {
    return this.#rows.losses;
  }

  get version(): number {
    return this.#rows.version + this.#changes;
  }

  /** Shows other stacks from now on. */
  setProfile(profile: StackProfile): void {
    this.#profile = profile;
    this.#changes++;
  }

  window(request: WindowRequest): { message: WindowMessage; buffers: Uint8Array[] } {
    const window = this.#rows.window(request);
    const isWanted = request.count === 0 && !request.paused && this.#profile !== null;
    return isWanted ? { ...window, message: { ...window.message, stacks: this.#profile as StackProfile } } : window;
  }

  rows(request: RowsRequest): StoreRows {
    return this.#rows.rows(request);
  }

  snapshot(maxRows: number): Snapshot {
    const snapshot = this.#rows.snapshot(maxRows);
    return this.#profile === null ? snapshot : { ...snapshot, stacks: shortProfile(this.#profile, SNAPSHOT_STACKS) };
  }

  text(maxRows: number): string {
    return this.#profile === null ? this.#rows.text(maxRows) : profileText(this.#profile, maxRows);
  }

  histograms(): HistogramSeries[] | null {
    return null;
  }

  end(): void {
    this.#rows.end();
  }
}
