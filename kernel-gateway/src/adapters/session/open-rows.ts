import type { ViewRows } from '../../core/index.js';
import type { RowsRequest } from '../../core/store/store-rows.js';
import type { SessionCore } from './session-core.js';

/**
 * The rows that a view has now; those of a map are read anew. `name`: the view's id or what its data are called, of several
 * views the newest. Null when there is none.
 *
 * @throws LabError BPFLAB_VIEW_FILTER
 */
export async function openRows(core: SessionCore, name: string, request: RowsRequest): Promise<ViewRows | null> {
  const view = [...core.state.views.values()].findLast(
    one => one.id === name || core.views.get(one.id)?.source === name
  );
  const live = view === undefined ? undefined : core.views.get(view.id);
  if (view === undefined || live === undefined) return null;
  if (live.refresh !== null && !view.isEnded) await core.polls.readRows(view.id);
  return { source: live.source, rows: live.store.rows(request) };
}
