import type { Store } from '../../core/index.js';
import type { ViewBundle } from '../../protocol/index.js';

/** The data behind a view and what feeds it. The session drops it with its run. */
export interface LiveView {
  readonly store: Store;
  readonly notes: string[];
  readonly alternatives: ViewBundle['alternatives'];
  /** Name that the user knows the data by: the map's, `printk`, `output`. */
  readonly source: string;
  /** Entries that the map may hold; absent for what is no map. */
  readonly maxEntries?: number;
  /** Reads the contents anew; views that are fed by a stream have none. Rejects when the target is lost. */
  readonly refresh: (() => Promise<void>) | null;
}
