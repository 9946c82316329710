import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../../core/labs/lab.js';
import { readLab } from '../../core/labs/read-lab.js';
import { LabError } from '../../protocol/index.js';
import { readTextIfThere } from '../jupyter/state/atomic-file.js';
import { markdownBlocks } from './markdown-blocks.js';

/** An id of a lab: folders below the labs' folder. */
const LAB_ID = /^[\w-]+(\/[\w-]+){0,3}$/;

/**
 * Reads a lab below `folder` in `language`, or else in English. What is broken in it is in its `problems`.
 *
 * @throws LabError BPFLAB_LAB_UNKNOWN when there is no such folder with a `lab.md`
 */
export async function readLabFolder(folder: string, id: string, language: string): Promise<Lab> {
  const place = join(folder, id);
  const page = LAB_ID.test(id) ? await readTextIfThere(join(place, 'lab.md')) : null;
  if (page === null) throw new LabError('BPFLAB_LAB_UNKNOWN', `There is no lab "${id.slice(0, 80)}".`);
  const translated = await findTranslation(place, language);
  const text = (name: string): Promise<string | null> => readTextIfThere(join(place, name));
  const files = {
    id,
    language: translated?.language ?? 'en',
    page,
    translation: translated?.text ?? null,
    data: (await text('lab.json')) ?? '{}',
    solution: await text('solution.md'),
    translatedSolution: translated ? await text(`solution.${translated.language}.md`) : null,
    wrong: await wrongSubmissions(join(place, 'wrong'))
  };
  return readLab(files, markdownBlocks);
}

/** Ids of all labs below a folder, sorted; a lab is a folder with `lab.md`. */
export async function listLabFolders(folder: string, below = ''): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(() => []);
  if (below !== '' && entries.some(entry => entry.name === 'lab.md')) return [below];
  const folders = entries
    .filter(entry => entry.isDirectory())
    .map(entry => (below ? `${below}/${entry.name}` : entry.name));
  return (await Promise.all(folders.map(name => listLabFolders(folder, name)))).flat().sort();
}

/** `zh-CN` finds `lab.zh-CN.md`, then `lab.zh.md`; null: there is none, or English is asked for. */
export async function findTranslation(
  labFolder: string,
  language: string
): Promise<{ text: string; language: string } | null> {
  for (const name of [language.replace('_', '-'), language.split(/[-_]/)[0]!]) {
    if (!/^[a-zA-Z-]+$/.test(name) || name === 'en') continue;
    const text = await readTextIfThere(join(labFolder, `lab.${name}.md`));
    if (text !== null) return { text, language: name };
  }
  return null;
}

async function wrongSubmissions(folder: string): Promise<{ name: string; text: string }[]> {
  const names = (await readdir(folder).catch(() => [])).filter(name => name.endsWith('.md')).sort();
  return Promise.all(
    names.map(async name => ({ name: name.slice(0, -3), text: await readFile(join(folder, name), 'utf8') }))
  );
}
