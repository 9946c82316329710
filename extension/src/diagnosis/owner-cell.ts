import type { Cell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';

/** The cell of a notebook that an output stands in; null when the output is shown elsewhere, or not at all. */
export function ownerCell(notebook: Notebook, output: HTMLElement): Cell | null {
  const node = output.closest('.jp-Cell');
  return node === null ? null : (notebook.widgets.find(cell => cell.node === node) ?? null);
}
