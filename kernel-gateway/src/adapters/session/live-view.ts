import type { NodeCount } from '../../core/store/store-nodes.js';
import type { Store } from '../../core/index.js';
import type { ViewHistory } from '../../core/session/view-history.js';
import type { ViewBundle } from '../../protocol/index.js';
import type { MapEditor } from './map-editor.js';

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
  /** Waits for what a read leaves in work when its rows are there, such as names of stacks; not for long. */
  readonly named?: () => Promise<void>;
  /** Frees what the data take outside of memory; called when the view is dropped or the session ends. */
  readonly dispose?: () => void;
  /** Course over time; whoever reads the contents takes a sample. */
  readonly history?: ViewHistory;
  /** Rows and losses by number of the node, for what comes from many. */
  readonly byNode?: () => ReadonlyMap<number, NodeCount>;
  /** Takes a sample of `history` for views that are fed by a stream; called once a second. */
  readonly sample?: () => void;
  /** Changes the entries of a map; absent where they can only be read. */
  readonly editor?: MapEditor;
  /** The types that the records may have. `choose` reads all records as another one of the program's types. */
  readonly recordTypes?: { current: string; readonly candidates: string[]; choose(type: string): void };
  /** Variables by row, for a view of globals. */
  readonly globals?: ViewBundle['globals'];
}
