import { LabError } from '../../protocol/index.js';

/** What is thrown to whoever aborted the start of a machine. */
export function startCanceled(): LabError {
  return new LabError('BPFLAB_CELL_INTERRUPTED', 'The start of the virtual machine was canceled.');
}
