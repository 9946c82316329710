import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LabError } from '../../../protocol/index.js';
import { findTranslation, readLabFolder } from '../../labs/lab-library.js';
import { readTextIfThere } from '../state/atomic-file.js';

/** By language: `en`, and translations such as `zh`. */
const titles = z.record(z.string(), z.string()).and(z.object({ en: z.string() }));
const coursesSchema = z.object({
  courses: z.array(z.object({ id: z.string(), title: titles, labs: z.array(z.string()) }))
});

/** A lab as clients see it; `course` is its course's title, `languages` the translations that exist besides English. */
export interface LabEntry {
  id: string;
  title: string;
  minutes: number;
  needs: Record<string, unknown>;
  objectives: string[];
  prerequisites: string[];
  next: string;
  course: string;
  languages: string[];
}

/** Reads labs below a folder: `courses.json` orders them; each is a folder with `lab.json` and `lab.md`. */
export class LabCatalog {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** All labs in the order of their courses, titles in `language` where lab and course have it. */
  async list(language: string): Promise<LabEntry[]> {
    const text = await readTextIfThere(join(this.#folder, 'courses.json'));
    const { courses } = coursesSchema.parse(text === null ? { courses: [] } : JSON.parse(text));
    const entries = courses.flatMap(({ title, labs }) => {
      const course = title[language.split(/[-_]/)[0]!] ?? title.en;
      return labs.map(id => this.#entry(id, course, language));
    });
    return Promise.all(entries);
  }

  /**
   * Markdown of a lab, in `language` or else in English.
   *
   * @throws LabError BPFLAB_REQUEST_UNKNOWN when no course has it
   */
  async markdown(id: string, language: string): Promise<{ text: string; language: string }> {
    if (!(await this.list('en')).some(lab => lab.id === id)) {
      throw new LabError('BPFLAB_REQUEST_UNKNOWN', `There is no lab "${id}".`);
    }
    const translated = await findTranslation(join(this.#folder, id), language);
    if (translated) return translated;
    return { text: await readFile(join(this.#folder, id, 'lab.md'), 'utf8'), language: 'en' };
  }

  async #entry(id: string, course: string, language: string): Promise<LabEntry> {
    const lab = await readLabFolder(this.#folder, id, language);
    const { title, minutes, needs, objectives, prerequisites, next } = lab;
    const names = await readdir(join(this.#folder, id));
    const languages = names.flatMap(name => /^lab\.([\w-]+)\.md$/.exec(name)?.[1] ?? []);
    return { id, title, minutes, needs, objectives, prerequisites, next, course, languages };
  }
}
