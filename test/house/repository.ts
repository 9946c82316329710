import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Folder of the checkout. */
export const root = resolve(import.meta.dirname, '../..');

/** Tracked and not yet tracked files of the project, relative to its root; what git ignores is left out. */
export function projectFiles(): string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8'
  })
    .split('\n')
    .filter(name => name !== '' && existsSync(join(root, name)));
}

/** Text of a project file. */
export const readText = (name: string): string => readFileSync(join(root, name), 'utf8');
