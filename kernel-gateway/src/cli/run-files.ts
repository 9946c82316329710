import { access, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LabError } from '../protocol/index.js';

/** What the files of a command line are. `placed` are files of the session, `programs` cells in order. */
export interface RunFiles {
  placed: { name: string; path: string }[];
  programs: { kind: 'bpf' | 'user' | 'bpftrace' | 'sh'; name: string; path: string }[];
}

const kinds: readonly (readonly [RegExp, RunFiles['programs'][number]['kind']])[] = [
  [/\.bpf\.c$/, 'bpf'],
  [/\.c$/, 'user'],
  [/\.bt$/, 'bpftrace'],
  [/\.sh$/, 'sh']
];

/**
 * Sorts files by what they are: X.bpf.c before X.c, everything else is placed beside them; so are the headers that a
 * program includes with quotes and that lie beside it.
 *
 * @throws LabError BPFLAB_CONFIG_OPTION when a file cannot be read or nothing can be run
 */
export async function sortFiles(paths: readonly string[]): Promise<RunFiles> {
  const placed = new Map<string, string>();
  const programs: RunFiles['programs'] = [];
  for (const path of paths) {
    await mustBeReadable(path);
    const kind = kinds.find(([pattern]) => pattern.test(path));
    if (kind === undefined) {
      placed.set(basename(path), path);
      continue;
    }
    programs.push({ kind: kind[1], name: cellName(basename(path).replace(kind[0], '')), path });
    for (const header of await headersBeside(path)) {
      placed.set(header, join(dirname(path), header));
    }
  }
  if (programs.length === 0) {
    throw new LabError('BPFLAB_CONFIG_OPTION', `Nothing to run in ${paths.join(', ')}.`, {
      hint: 'Name a program X.bpf.c, or a script X.bt or X.sh.'
    });
  }
  const rank = { bpf: 0, user: 2, bpftrace: 1, sh: 1 };
  programs.sort((a, b) => rank[a.kind] - rank[b.kind]);
  return { placed: [...placed].map(([name, path]) => ({ name, path })), programs };
}

async function mustBeReadable(path: string): Promise<void> {
  try {
    await access(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new LabError('BPFLAB_CONFIG_OPTION', `Cannot read ${path} — ${code ?? String(error)}.`);
  }
}

/** Names of headers in quotes, also those that they include in turn. */
async function headersBeside(path: string): Promise<string[]> {
  const found = new Set<string>();
  const waiting = [basename(path)];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const text = await readFile(join(dirname(path), name), 'utf8').catch(() => '');
    for (const [, header = ''] of text.matchAll(/^[ \t]*#[ \t]*include[ \t]*"([\w./-]+)"/gm)) {
      const isPlain = !header.includes('..') && header !== 'vmlinux.h' && !header.endsWith('.skel.h');
      const isThere = isPlain && !found.has(header) && (await isReadable(join(dirname(path), header)));
      if (isThere) {
        found.add(header);
        waiting.push(header);
      }
    }
  }
  return [...found];
}

async function isReadable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false
  );
}

/** A file name as a cell's name: letters, digits and `_`. */
function cellName(text: string): string {
  const name = text.replace(/\W/g, '_').slice(0, 60);
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`.slice(0, 60);
}
