import { LineStore } from '../../core/session/line-store.js';
import type { SessionCore } from './session-core.js';

/** A view of text that grows; whoever opens it ends it. */
export interface TextView {
  write(bytes: Uint8Array): void;
  end(): void;
}

/** Opens a view of lines in a run: what a process prints, or what an iterator program writes. */
export function openTextView(core: SessionCore, options: { run: string; title: string; source?: string }): TextView {
  const store = new LineStore();
  const source = options.source ?? 'output';
  const id = `${options.run}.${source}`;
  core.openView(
    { id, run: options.run, kind: 'text', title: options.title, isPolled: false },
    { store, notes: [], alternatives: [], source, refresh: null }
  );
  return {
    write: bytes => {
      store.write(bytes);
      core.viewChanged(id);
    },
    end: () => {
      store.end();
      core.viewChanged(id);
    }
  };
}
