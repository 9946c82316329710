import { CellOutputs } from '../core/kernel/cell-outputs.js';
import type { JupyterMessage } from '../core/kernel/jupyter-message.js';
import type { RecordedOutput } from '../protocol/index.js';

/** A code cell of nbformat 4. */
export interface CodeCell {
  cell_type: 'code';
  id?: string;
  source: string | string[];
  metadata: { tags?: string[] } & Record<string, unknown>;
  outputs: RecordedOutput[];
  execution_count: number | null;
}

/** The parts of a notebook that execution touches; the rest is kept as it is. */
export interface Notebook {
  nbformat: number;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: (CodeCell | { cell_type: 'markdown' | 'raw'; source: string | string[] })[];
}

/** Puts a kernel's iopub messages into the cells of a notebook, as a front end does. */
export class NotebookOutputs {
  readonly #cells = new Map<string, CellOutputs>();

  constructor(notebook: Notebook) {
    for (const cell of notebook.cells) {
      if (cell.cell_type === 'code') {
        cell.outputs = [];
        cell.execution_count = null;
      }
    }
  }

  /** Outputs of the request with that id are the cell's. */
  begin(cell: CodeCell, requestId: string): void {
    const outputs = new CellOutputs();
    cell.outputs = outputs.outputs;
    this.#cells.set(requestId, outputs);
  }

  /** One iopub message; what is no output is ignored. */
  take(message: JupyterMessage): void {
    if (message.header.msg_type === 'update_display_data') {
      for (const outputs of this.#cells.values()) outputs.update(message);
    } else this.#cells.get((message.parent_header as { msg_id?: string }).msg_id ?? '')?.take(message);
  }
}
