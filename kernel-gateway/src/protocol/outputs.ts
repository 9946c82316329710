/**
 * Recorded outputs of a notebook's cells: what the gateway keeps by cell id, and tells every page that shows the notebook.
 * A module without zod, so that a browser bundle stays small.
 */

/** Path of the socket and of the route, below the base URL; the notebook's path follows. */
export const OUTPUTS_PATH = 'bpflab/api/outputs';

/** An output of nbformat 4. Text is one string, which the format allows. */
export type RecordedOutput =
  | { output_type: 'stream'; name: string; text: string }
  | { output_type: 'display_data'; data: Record<string, unknown>; metadata: Record<string, unknown> }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] };

/** How the outputs of a cell change: one comes at the end, a stream at the end grows, one is replaced. */
export type OutputChange =
  | { kind: 'add'; output: RecordedOutput }
  | { kind: 'text'; name: string; text: string }
  | { kind: 'set'; index: number; output: RecordedOutput };

/** The last execution of a cell. */
export interface CellRecord {
  cell: string;
  /** `msg_id` of the execute_request: the page that sent it draws the outputs itself. */
  request: string;
  /** Text that was executed. */
  source: string;
  /** Executions of a notebook count up from 1; a later one has a greater number. */
  order: number;
  /** Order of the first execution with this text in a row: running the same text again changes nothing for others. */
  changed_order: number;
  state: 'running' | 'done';
  execution_count: number | null;
  outputs: RecordedOutput[];
}

/** What the gateway sends over the socket. `cells` comes first, with all there is. */
export type OutputsMessage =
  | { type: 'cells'; cells: CellRecord[] }
  | { type: 'begin'; cell: CellRecord }
  | { type: 'change'; cell: string; request: string; change: OutputChange }
  | { type: 'end'; cell: string; request: string; execution_count: number | null }
  /** Outputs of these cells were cleared. */
  | { type: 'clear'; cells: string[] };
