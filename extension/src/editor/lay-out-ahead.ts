import type { Notebook } from '@jupyterlab/notebook';

/** What is left of an idle time when the next cell is begun: a cell takes half of that. */
const CELL_MS = 2;

/**
 * Lays out the editors of a notebook, some in every idle time. The browser passes over cells off the screen until
 * somebody wants to know a place in them, and at each scroll all editors do: the first one would style and lay out 200
 * cells in one task, which is a tenth of a second. Editors come one by one after the notebook, and another active cell
 * or mode makes the styles of all of them stale.
 *
 * @param notebook - with its cells; those that come later are laid out when they get the focus
 */
export function layOutAhead(notebook: Notebook): void {
  let next = 0;
  let isAsked = false;
  const go = (idle: IdleDeadline): void => {
    while (!notebook.isDisposed && next < notebook.widgets.length) {
      if (idle.timeRemaining() < CELL_MS) {
        requestIdleCallback(go);
        return;
      }
      void notebook.widgets[next++]?.node.querySelector('.cm-scroller')?.scrollTop;
    }
    isAsked = false;
  };
  const begin = (): void => {
    next = 0;
    if (!isAsked) {
      isAsked = true;
      requestIdleCallback(go);
    }
  };
  begin();
  notebook.activeCellChanged.connect(begin);
  notebook.stateChanged.connect(begin);
  for (const cell of notebook.widgets) {
    void cell.ready.then(begin, () => undefined);
  }
}
