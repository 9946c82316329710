import { readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { CellStdin } from '../../core/cells/cell-spec.js';
import { LabError } from '../../protocol/index.js';
import type { CellContext } from './cell-context.js';

/**
 * The bytes that a cell gives its process as standard input; null when it gives none.
 *
 * @throws LabError BPFLAB_FILE_PATH when there is no such file in the session
 */
export async function readCellStdin(context: CellContext, stdin: CellStdin | null): Promise<Uint8Array | null> {
  if (stdin === null || stdin.kind === 'text') {
    return stdin === null ? null : new TextEncoder().encode(stdin.text);
  }
  const root = await realpath(context.core.options.folder);
  try {
    const file = await realpath(join(root, stdin.path));
    if (!file.startsWith(root + sep)) {
      throw new Error('a link leads out of the folder of the session');
    }
    return await readFile(file);
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new LabError('BPFLAB_FILE_PATH', `Cannot read "${stdin.path}" for --stdin-file — ${cause}.`, {
      hint: 'Write the file with %%file PATH first.',
      cause: error
    });
  }
}
