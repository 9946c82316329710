import { LabError } from '../../protocol/index.js';

/**
 * Checks and normalizes a path of the session: relative, below the session's folder, `/` between its parts, no part that
 * starts with a dot twice, no control characters, at most 200 characters and 8 parts.
 *
 * @throws LabError BPFLAB_FILE_PATH
 */
export function sessionPath(path: string): string {
  const refuse = (cause: string): never => {
    throw new LabError('BPFLAB_FILE_PATH', `"${path.slice(0, 80)}" is no path of the session: ${cause}.`);
  };
  if (path.startsWith('/') || path.startsWith('~') || path.includes('\\')) refuse('it is not relative to the session');
  if (path.length > 200) refuse('it is longer than 200 characters');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) refuse('it has control characters');
  const parts = path.split('/').filter(part => part !== '' && part !== '.');
  if (parts.includes('..')) refuse('".." leads out of the folder');
  if (parts.length === 0) refuse('it names no file');
  if (parts.length > 8) refuse('it has more than 8 parts');
  return parts.join('/');
}
