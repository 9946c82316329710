import type { JupyterMessage } from '../core/kernel/jupyter-message.js';

/** An output of nbformat 4. Text is kept as one string, which the format allows. */
type Output =
  | { output_type: 'stream'; name: string; text: string }
  | { output_type: 'display_data'; data: Record<string, unknown>; metadata: Record<string, unknown> }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] };

/** A code cell of nbformat 4. */
export interface CodeCell {
  cell_type: 'code';
  id?: string;
  source: string | string[];
  metadata: { tags?: string[] } & Record<string, unknown>;
  outputs: Output[];
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
export class CellOutputs {
  readonly #cells = new Map<string, CodeCell>();
  readonly #displays = new Map<string, Extract<Output, { output_type: 'display_data' }>[]>();

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
    this.#cells.set(requestId, cell);
  }

  /** One iopub message; what is no output is ignored. */
  take(message: JupyterMessage): void {
    const { content } = message;
    const cell = this.#cells.get((message.parent_header as { msg_id?: string }).msg_id ?? '');
    switch (message.header.msg_type) {
      case 'stream':
        return this.#stream(cell, String(content['name']), String(content['text']));
      case 'display_data':
        return this.#display(cell, content);
      case 'update_display_data':
        return this.#update(content);
      case 'error':
        cell?.outputs.push({
          output_type: 'error',
          ename: String(content['ename']),
          evalue: String(content['evalue']),
          traceback: content['traceback'] as string[]
        });
        return;
      default:
        return;
    }
  }

  #stream(cell: CodeCell | undefined, name: string, text: string): void {
    const last = cell?.outputs.at(-1);
    if (last?.output_type === 'stream' && last.name === name) {
      last.text += text;
    } else {
      cell?.outputs.push({ output_type: 'stream', name, text });
    }
  }

  #display(cell: CodeCell | undefined, content: Record<string, unknown>): void {
    const output = {
      output_type: 'display_data' as const,
      data: content['data'] as Record<string, unknown>,
      metadata: (content['metadata'] ?? {}) as Record<string, unknown>
    };
    cell?.outputs.push(output);
    const id = displayId(content);
    this.#displays.set(id, [...(this.#displays.get(id) ?? []), output]);
  }

  #update(content: Record<string, unknown>): void {
    for (const output of this.#displays.get(displayId(content)) ?? []) {
      output.data = content['data'] as Record<string, unknown>;
    }
  }
}

function displayId(content: Record<string, unknown>): string {
  return String((content['transient'] as { display_id?: string } | undefined)?.display_id ?? '');
}
