import { readFile, realpath } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { includedNames } from '../../core/headers/c-identifiers.js';

/** A file of the session that a text includes, by its path below the session's folder. */
interface IncludedFile {
  path: string;
  text: string;
}

/** What a text includes, found without a preprocessor: directives that are switched off count too. */
export interface IncludedFiles {
  session: IncludedFile[];
  /** Names that are no file of the session: the kernel's, libbpf's and the system's headers. */
  system: Set<string>;
  /** False when a name is computed by a macro, or a file is embedded by the assembler: then nobody knows. */
  known: boolean;
}

const MAX_FILES = 200;
const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** Text of a file whose real path is below the folder; null when there is none. */
async function readBelow(folder: string, path: string): Promise<string | null> {
  try {
    const real = await realpath(join(folder, path));
    if (!real.startsWith(`${folder}/`)) return null;
    const bytes = await readFile(real);
    return bytes.length <= MAX_FILE_BYTES ? bytes.toString('utf8') : null;
  } catch {
    return null;
  }
}

/**
 * Follows the include directives of a cell through the files of its session, as the compiler would with the session's
 * folder first on its include path.
 *
 * @param body - text of the cell; it stands in the session's folder itself
 * @param sessionFolder - need not exist
 */
export async function findIncludedFiles(body: string, sessionFolder: string): Promise<IncludedFiles> {
  const folder = await realpath(sessionFolder).catch(() => sessionFolder);
  const found: IncludedFiles = { session: [], system: new Set(), known: !/\bincbin\b|#\s*embed\b/.test(body) };
  const seen = new Set<string>();
  const queue: { directory: string; text: string }[] = [{ directory: '', text: body }];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const names = includedNames(next.text);
    if (!names) found.known = false;
    for (const { name, quoted } of names ?? []) {
      const choices = quoted && next.directory ? [posix.join(next.directory, name), name] : [name];
      const file = await firstOf(folder, choices);
      if (!file) found.system.add(name);
      else if (!seen.has(file.path) && seen.size < MAX_FILES) {
        seen.add(file.path);
        found.session.push(file);
        if (/\bincbin\b|#\s*embed\b/.test(file.text)) found.known = false;
        queue.push({ directory: dirname(file.path) === '.' ? '' : dirname(file.path), text: file.text });
      }
    }
  }
  return found;
}

async function firstOf(folder: string, choices: readonly string[]): Promise<IncludedFile | null> {
  for (const path of choices) {
    const text = posix.isAbsolute(path) ? null : await readBelow(folder, posix.normalize(path));
    if (text !== null) return { path: posix.normalize(path), text };
  }
  return null;
}
