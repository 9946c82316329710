import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LabError } from '../../../protocol/index.js';
import { readTextIfThere } from '../state/atomic-file.js';

const labSchema = z.looseObject({
  title: z.string(),
  minutes: z.number(),
  needs: z.looseObject({}).default({}),
  objectives: z.array(z.string()).default([]),
  next: z.string().default('')
});
const coursesSchema = z.object({
  courses: z.array(z.object({ id: z.string(), title: z.string(), labs: z.array(z.string()) }))
});

/** A lab as clients see it; `course` is the course's title, `languages` the translations that exist besides English. */
export interface LabEntry {
  id: string;
  title: string;
  minutes: number;
  needs: Record<string, unknown>;
  objectives: string[];
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

  /** All labs in the order of their courses, titles in `language` where the lab has it. */
  async list(language: string): Promise<LabEntry[]> {
    const text = await readTextIfThere(join(this.#folder, 'courses.json'));
    const { courses } = coursesSchema.parse(text === null ? { courses: [] } : JSON.parse(text));
    const entries = courses.flatMap(course => course.labs.map(id => this.#entry(id, course.title, language)));
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
    const translated = await this.#translation(id, language);
    if (translated) return translated;
    return { text: await readFile(join(this.#folder, id, 'lab.md'), 'utf8'), language: 'en' };
  }

  async #entry(id: string, course: string, language: string): Promise<LabEntry> {
    const folder = join(this.#folder, id);
    const { title, minutes, needs, objectives, next } = labSchema.parse(
      JSON.parse(await readFile(join(folder, 'lab.json'), 'utf8'))
    );
    const names = await readdir(folder);
    const languages = names.flatMap(name => /^lab\.([\w-]+)\.md$/.exec(name)?.[1] ?? []);
    const translated = await this.#translation(id, language);
    const heading = translated ? /^# (.+)$/m.exec(translated.text)?.[1] : undefined;
    return { id, title: heading ?? title, minutes, needs, objectives, next, course, languages };
  }

  /** `zh-CN` finds `lab.zh-CN.md`, then `lab.zh.md`. */
  async #translation(id: string, language: string): Promise<{ text: string; language: string } | null> {
    for (const name of [language.replace('_', '-'), language.split(/[-_]/)[0]!]) {
      if (!/^[a-zA-Z-]+$/.test(name) || name === 'en') continue;
      const text = await readTextIfThere(join(this.#folder, id, `lab.${name}.md`));
      if (text !== null) return { text, language: name };
    }
    return null;
  }
}
