/**
 * The last execution of each cell of one notebook. It decides over outputs: they are put into what is read and saved, so
 * that a page that was reloaded, or has not seen them, neither misses nor removes them.
 */
import { CellOutputs } from '../../../core/kernel/cell-outputs.js';
import type { JupyterMessage } from '../../../core/kernel/jupyter-message.js';
import type { CellRecord, OutputChange, OutputsMessage } from '../../../protocol/index.js';
import type { Notebook } from '../contents/notebook-file.js';
import { endedDisplay } from './end-runs.js';

/** Records of cells that are kept; cells that were deleted leave theirs. */
const CELL_LIMIT = 2000;

/** What the journal holds of a notebook; see `NotebookRecord.toJSON`. */
export interface SavedRecord {
  version: 1;
  path: string;
  /** Identity of the notebook file after the last save through here; null: none yet. */
  stamp: string | null;
  cells: (CellRecord & { is_saved: boolean })[];
}

interface Entry extends Omit<CellRecord, 'outputs'> {
  recorded: CellOutputs;
  /** The notebook file has these outputs. */
  isSaved: boolean;
}

/** One notebook's record. `onDirty` is called after every change that the journal has to take. */
export class NotebookRecord {
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Set<(message: OutputsMessage) => void>();
  readonly #onDirty: () => void;
  #stamp: string | null = null;
  #order = 0;

  constructor(saved: SavedRecord | null, onDirty: () => void) {
    this.#onDirty = onDirty;
    for (const { outputs, is_saved: isSaved, ...cell } of saved?.cells ?? []) {
      this.#entries.set(cell.cell, { ...cell, recorded: new CellOutputs(outputs), isSaved });
      this.#order = Math.max(this.#order, cell.order);
    }
    this.#stamp = saved?.stamp ?? null;
  }

  /** Tells every change from now on, after all that is there. The returned function ends it. */
  watch(tell: (message: OutputsMessage) => void): () => void {
    tell({ type: 'cells', cells: [...this.#entries.values()].map(toRecord) });
    this.#watchers.add(tell);
    return () => this.#watchers.delete(tell);
  }

  /** A cell as it is now; null when nothing is recorded of it. */
  cell(id: string): CellRecord | null {
    const entry = this.#entries.get(id);
    return entry ? toRecord(entry) : null;
  }

  /** A cell was sent to the kernel: what it showed before is over. */
  begin(cell: string, request: string, source: string): void {
    const before = this.#entries.get(cell);
    const order = ++this.#order;
    const changed_order = before?.source === source ? before.changed_order : order;
    this.#entries.delete(cell);
    const entry: Entry = {
      ...{ cell, request, source, order, changed_order },
      state: 'running',
      execution_count: null,
      recorded: new CellOutputs(),
      isSaved: false
    };
    this.#entries.set(cell, entry);
    if (this.#entries.size > CELL_LIMIT) this.#entries.delete(this.#entries.keys().next().value!);
    this.#changed({ type: 'begin', cell: toRecord(entry) });
  }

  /** An iopub message of the request that executes `cell`; nothing when the cell was executed again since. */
  take(cell: string, request: string, message: JupyterMessage): void {
    const entry = this.#current(cell, request);
    if (!entry) return;
    if (message.header.msg_type === 'execute_input') {
      entry.execution_count = Number(message.content['execution_count']);
    } else if (message.header.msg_type === 'status') {
      if (message.content['execution_state'] === 'idle') this.#end(entry);
    } else this.#tellChange(entry, entry.recorded.take(message));
  }

  /** A display's update, whatever request it is under. */
  update(cell: string, request: string, message: JupyterMessage): void {
    const entry = this.#current(cell, request);
    for (const change of entry?.recorded.update(message) ?? []) this.#tellChange(entry!, change);
  }

  /** The kernel of this request is gone: what claims to live is said to have ended. */
  abandon(cell: string, request: string, reason: string): void {
    const entry = this.#current(cell, request);
    if (!entry) return;
    for (const [index, output] of entry.recorded.outputs.entries()) {
      const data = endedDisplay(output, reason);
      if (data) this.#tellChange(entry, entry.recorded.replace(index, data, {}));
    }
    if (entry.state === 'done') return;
    const content = { name: 'stderr', text: `[${reason} The cell had not completed.]\n` };
    this.#tellChange(entry, entry.recorded.takeStream(content.name, content.text));
    this.#end(entry);
  }

  /** `abandon` for all cells. */
  abandonAll(reason: string): void {
    for (const { cell, request } of [...this.#entries.values()]) this.abandon(cell, request, reason);
  }

  /** The user cleared the outputs of these cells; one that executes goes on with what comes now. */
  clear(cells: string[]): void {
    for (const cell of cells) {
      const entry = this.#entries.get(cell);
      if (entry) {
        entry.recorded = new CellOutputs();
        entry.execution_count = null;
        entry.isSaved = false;
      }
    }
    this.#changed({ type: 'clear', cells });
  }

  /** The notebook with the recorded outputs in place of its own. */
  merge(notebook: Notebook): Notebook {
    const cells = notebook.cells.map(cell => {
      const entry = cell.cell_type === 'code' ? this.#entries.get(String(cell['id'])) : undefined;
      return entry ? { ...cell, outputs: entry.recorded.outputs, execution_count: entry.execution_count } : cell;
    });
    return { ...notebook, cells };
  }

  /** The notebook was saved with what `merge` gave; the file is now known by `stamp`. */
  saved(notebook: Notebook, stamp: string): void {
    for (const cell of notebook.cells) {
      const entry = this.#entries.get(String(cell['id']));
      if (entry?.state === 'done') entry.isSaved = true;
    }
    this.#stamp = stamp;
    this.#onDirty();
  }

  /** Looks at the file as it is now: when it was changed elsewhere since it was saved, what it has of saved outputs holds. */
  compare(stamp: string): void {
    if (this.#stamp === null || this.#stamp === stamp) return;
    for (const [cell, entry] of this.#entries) if (entry.isSaved) this.#entries.delete(cell);
    this.#stamp = stamp;
    this.#onDirty();
  }

  /** Whether there is something that the file may not have. */
  get isUnsaved(): boolean {
    return [...this.#entries.values()].some(({ isSaved }) => !isSaved);
  }

  /** For the journal. */
  toJSON(path: string): SavedRecord {
    const cells = [...this.#entries.values()].map(entry => ({ ...toRecord(entry), is_saved: entry.isSaved }));
    return { version: 1, path, stamp: this.#stamp, cells };
  }

  #current(cell: string, request: string): Entry | null {
    const entry = this.#entries.get(cell);
    return entry?.request === request ? entry : null;
  }

  #end(entry: Entry): void {
    entry.state = 'done';
    const { cell, request, execution_count } = entry;
    this.#changed({ type: 'end', cell, request, execution_count });
  }

  #tellChange(entry: Entry, change: OutputChange | null): void {
    if (!change) return;
    entry.isSaved = false;
    this.#changed({ type: 'change', cell: entry.cell, request: entry.request, change });
  }

  #changed(message: OutputsMessage): void {
    this.#onDirty();
    for (const tell of this.#watchers) tell(message);
  }
}

function toRecord(entry: Entry): CellRecord {
  const { cell, request, source, order, changed_order, state, execution_count, recorded } = entry;
  return { cell, request, source, order, changed_order, state, execution_count, outputs: recorded.outputs };
}
