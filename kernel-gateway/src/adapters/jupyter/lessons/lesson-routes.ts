/** `/bpflab/api/lessons`: courses that were imported into the notebook folder, and importing one. */
import { readdir } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { verdictText } from '../../../core/lesson-runs/best-verdict.js';
import type { Course } from '../../../core/lessons/course.js';
import { LabError } from '../../../protocol/index.js';
import { isGitAddress, repositoryName } from '../../lessons/git-clone.js';
import { importLessons } from '../../lessons/import-lessons.js';
import type { ContentsRoot } from '../contents/contents-root.js';
import type { JupyterServerOptions } from '../server-options.js';
import { readTextIfThere } from '../state/atomic-file.js';

/** Folder of imported courses, below the notebook folder. */
const COURSES = 'lessons';

const importBody = z.object({
  source: z.string().min(1).max(2000),
  language: z.enum(['en', 'zh', 'both']).default('en'),
  only: z.string().max(200).default('')
});

const judgeQuery = z.object({
  path: z.string().min(1).max(2000),
  program: z.string().max(200).default(''),
  target: z.string().max(200).default('vm'),
  /** Release of the vm target; empty: its default. */
  kernel: z.string().max(100).default('')
});

/**
 * Adds the routes. The answer to an import is a JSON object a line: `{ type: 'progress', done, total, lesson }` while it
 * goes on, then `{ type: 'done', folder, lessons, kept, refused }` or `{ type: 'error', code, message, hint }`.
 */
export function lessonRoutes(
  server: FastifyInstance,
  { baseUrl, version, lab }: JupyterServerOptions,
  root: ContentsRoot
): void {
  const url = `${baseUrl}bpflab/api/lessons`;
  server.get(url, async request => {
    const { language = 'en' } = request.query as { language?: string };
    return { courses: await listCourses(root, language) };
  });
  // One after the other: each starts machines and compilers, and nobody waits for it.
  let last: Promise<unknown> = Promise.resolve();
  server.get(`${url}/preflight`, async (request, reply) => {
    const lesson = judgeQuery.parse(request.query);
    const gone = new AbortController();
    // The page was closed, or wants to know of another target.
    reply.raw.once('close', () => gone.abort());
    const judging = last.then(() => lab.judgeLesson(lesson, gone.signal));
    last = judging.catch(() => undefined);
    const programs = await judging;
    return { programs: programs.map(({ name, verdicts }) => ({ name, preflight: verdictText(verdicts), verdicts })) };
  });
  server.post(`${url}/import`, (request, reply) => {
    const { source: given, language, only } = importBody.parse(request.body);
    const isAddress = isGitAddress(given);
    const source = isAddress || isAbsolute(given) ? given : resolve(root.folder, given);
    const folder = `${COURSES}/${repositoryName(source)}`;
    const lines = new PassThrough();
    const write = (line: object): void => void lines.write(`${JSON.stringify(line)}\n`);
    const today = new Date().toISOString().slice(0, 10);
    importLessons({ source, into: join(root.folder, folder), language, only, version, today }, progress =>
      write({ type: 'progress', ...progress })
    )
      .then(({ lessons, kept, refused }) => write({ type: 'done', folder, lessons: lessons.length, kept, refused }))
      .catch((error: unknown) => write(failureLine(error)))
      .finally(() => lines.end());
    return reply.type('application/x-ndjson').header('cache-control', 'no-store').send(lines);
  });
}

function failureLine(error: unknown): object {
  return { type: 'error', ...LabError.of(error).told };
}

/** A course as clients see it; paths of notebooks are below the notebook folder. */
interface CourseEntry {
  title: string;
  repository: string;
  lessons: { id: string; title: string; group: string; path: string }[];
}

async function listCourses(root: ContentsRoot, language: string): Promise<CourseEntry[]> {
  const names = await readdir(join(root.folder, COURSES)).catch(() => []);
  const found: CourseEntry[] = [];
  for (const name of names.filter(each => !each.startsWith('.')).sort()) {
    const folder = `${COURSES}/${name}`;
    const course = (await root.isInside(join(root.folder, folder)))
      ? await readCourse(join(root.folder, folder))
      : null;
    if (course) found.push(courseEntry(course, folder, language.split(/[-_]/)[0]!));
  }
  return found;
}

function courseEntry({ title, repository, lessons }: Course, folder: string, language: string): CourseEntry {
  const entries = lessons.flatMap(({ id, title: lesson, group, notebooks }) => {
    const path = notebooks[language] ?? notebooks['en'] ?? Object.values(notebooks)[0];
    return path === undefined ? [] : [{ id, title: lesson, group, path: `${folder}/${path}` }];
  });
  return { title, repository, lessons: entries };
}

/** A file that the importer has not written, or that somebody has broken, is no course. */
async function readCourse(folder: string): Promise<Course | null> {
  const text = await readTextIfThere(join(folder, 'course.json'));
  try {
    const course = JSON.parse(text ?? 'null') as Course | null;
    return course?.version === 1 && Array.isArray(course.lessons) ? course : null;
  } catch {
    return null;
  }
}
