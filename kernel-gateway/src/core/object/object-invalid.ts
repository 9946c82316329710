import { LabError } from '../../protocol/index.js';

/** The error of every reader in this folder: `cause` is one clause in plain words, such as "section 3 ends after the file". */
export function objectInvalid(cause: string): LabError {
  return new LabError('BPFLAB_OBJECT_INVALID', `The BPF object cannot be read: ${cause}.`);
}
