import type { JupyterMessage } from '../../../core/kernel/jupyter-message.js';
import type { NotebookRecord } from './notebook-record.js';

interface Execution {
  cell: string;
  request: string;
  records: NotebookRecord[];
}

/** Takes down what one kernel executes and says, into the records of the notebooks that use it. */
export class KernelRecorder {
  readonly #records: () => NotebookRecord[];
  /** By request; a cell that is executed again forgets its former one. */
  readonly #executions = new Map<string, Execution>();

  constructor(records: () => NotebookRecord[]) {
    this.#records = records;
  }

  /** A message of a client on its way to the kernel. Front ends name the cell in the metadata of an execute_request. */
  request({ header, metadata, content }: JupyterMessage): void {
    const { cellId: cell } = metadata;
    const { code, silent } = content;
    if (header.msg_type !== 'execute_request' || typeof cell !== 'string' || cell === '') return;
    if (silent === true || typeof code !== 'string') return;
    const execution = { cell, request: header.msg_id, records: this.#records() };
    for (const [request, former] of this.#executions) if (former.cell === cell) this.#executions.delete(request);
    this.#executions.set(header.msg_id, execution);
    for (const record of execution.records) record.begin(cell, header.msg_id, code);
  }

  /** An iopub message of the kernel. */
  take(message: JupyterMessage): void {
    if (message.header.msg_type === 'update_display_data') {
      for (const { cell, request, records } of this.#executions.values()) {
        for (const record of records) record.update(cell, request, message);
      }
      return;
    }
    const execution = this.#executions.get((message.parent_header as { msg_id?: string }).msg_id ?? '');
    for (const record of execution?.records ?? []) record.take(execution!.cell, execution!.request, message);
  }

  /** The kernel's life is over. */
  end(reason: string): void {
    for (const { cell, request, records } of this.#executions.values()) {
      for (const record of records) record.abandon(cell, request, reason);
    }
    this.#executions.clear();
  }
}
