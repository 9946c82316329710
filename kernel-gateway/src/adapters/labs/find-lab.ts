import { join } from 'node:path';
import type { Lab } from '../../core/labs/lab.js';
import { labOrigin } from '../../core/labs/lab-origin.js';
import { LabError } from '../../protocol/index.js';
import { readTextIfThere } from '../jupyter/state/atomic-file.js';
import type { NotebookPlace } from '../session/user-file.js';
import { readLabFolder } from './lab-library.js';

/** The lab that a notebook was made of, by the notebook's metadata; null: of none, or of one that is not here. */
export async function findLab(labsDir: string, notebook: NotebookPlace | null): Promise<Lab | null> {
  if (notebook === null || notebook.path === '') return null;
  const text = await readTextIfThere(join(notebook.root, notebook.path));
  const origin = text === null ? null : labOrigin(text);
  if (origin === null) return null;
  try {
    return await readLabFolder(labsDir, origin.lab, origin.language);
  } catch (error) {
    if (error instanceof LabError) return null;
    throw error;
  }
}
