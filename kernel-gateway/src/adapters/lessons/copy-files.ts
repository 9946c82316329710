import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LessonPlan } from '../../core/lessons/plan-lessons.js';
import { hashText } from './hash-text.js';
import type { ImportContext } from './import-context.js';

/** Largest file that is copied. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Names of kernel headers' folders, by Node's names of architectures. */
const headerFolders: Readonly<Record<string, string>> = { x64: 'x86', arm64: 'arm64' };

interface Copying {
  context: ImportContext;
  plans: readonly LessonPlan[];
  /** Files that texts link to. */
  links: ReadonlySet<string>;
  /** Hashes of what earlier imports copied. */
  known: Readonly<Record<string, string>>;
}

/**
 * Copies the files of the lessons' folders, those that their texts show, and the clone's own vmlinux.h to where they are in
 * the clone. A file that the learner has changed since an earlier import stays, and is named in `kept`.
 */
export async function copyLessonFiles(copying: Copying): Promise<{ files: Record<string, string>; kept: string[] }> {
  const { context, known } = copying;
  const files: Record<string, string> = {};
  const kept: string[] = [];
  for (const path of wantedPaths(copying)) {
    const file = context.clone.files.get(path);
    if (!file || file.bytes > MOST_BYTES) continue;
    const bytes = await readFile(file.absolute);
    const target = join(context.request.into, path);
    const there = await readFile(target).catch(() => null);
    const hash = hashText(bytes);
    files[path] = hash;
    if (there !== null) {
      const thereHash = hashText(there);
      if (thereHash === hash) continue;
      if (thereHash !== known[path]) {
        kept.push(path);
        continue;
      }
    }
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes, { mode: /\.sh$/.test(path) ? 0o755 : 0o644 });
  }
  return { files, kept };
}

function wantedPaths({ context, plans, links }: Copying): Set<string> {
  const folders = [...new Set(plans.map(({ folder }) => folder))];
  const headers = `vmlinux/${headerFolders[process.arch] ?? process.arch}/vmlinux.h`;
  const isWanted = (path: string): boolean =>
    folders.some(folder => (folder === '' ? !path.includes('/') : path.startsWith(`${folder}/`))) ||
    path.endsWith(headers);
  return new Set([...[...context.clone.files.keys()].filter(isWanted), ...links]);
}
