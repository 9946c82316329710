import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { JupyterServerOptions } from '../server-options.js';

/** Where state of one kind is kept that belongs to the notebook folder, apart from that of other notebook folders. */
export function notebookStateFolder(
  { stateDir, notebookDir }: Pick<JupyterServerOptions, 'stateDir' | 'notebookDir'>,
  kind: string
): string {
  return join(stateDir, kind, createHash('sha256').update(notebookDir).digest('hex').slice(0, 12));
}
