import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Course } from '../../core/lessons/course.js';
import { planLessons, type LessonPlan, type RepositoryTree } from '../../core/lessons/plan-lessons.js';
import type { Provenance } from '../../core/lessons/lesson-source.js';
import { licenseOf } from '../../core/lessons/spdx-of.js';
import { LabError } from '../../protocol/index.js';
import { readTextIfThere, writeFileAtomic } from '../jupyter/state/atomic-file.js';
import { copyLessonFiles } from './copy-files.js';
import { cloneRepository, gitFacts, isGitAddress, repositoryName } from './git-clone.js';
import type { ImportContext, ImportedLesson, ImportRequest } from './import-context.js';
import { importLesson } from './import-lesson.js';
import { LessonClone } from './lesson-clone.js';

/** How far an import is. */
export interface ImportProgress {
  done: number;
  total: number;
  lesson: string;
}

/** What an import did. `refused` are links out of the clone, `kept` copied files that the learner changed. */
export interface ImportResult {
  course: Course;
  lessons: ImportedLesson[];
  refused: readonly string[];
  kept: string[];
  durationMs: number;
}

/**
 * Imports the lessons of a folder or a git address as notebooks below `into`. Notebooks that are there are updated cell by
 * cell; what the learner wrote, ran or changed is kept.
 *
 * @throws LabError BPFLAB_LESSONS_SOURCE when there is nothing to import, BPFLAB_DISK_FULL
 */
export async function importLessons(
  request: ImportRequest,
  onProgress: (progress: ImportProgress) => void
): Promise<ImportResult> {
  const startMs = performance.now();
  if (!isGitAddress(request.source)) return importFolder(request, request.source, { onProgress, startMs });
  onProgress({ done: 0, total: 0, lesson: request.source });
  const { folder, dispose } = await cloneRepository(request.source);
  try {
    return await importFolder(request, folder, { onProgress, startMs });
  } finally {
    await dispose();
  }
}

async function importFolder(
  request: ImportRequest,
  folder: string,
  { onProgress, startMs }: { onProgress: (progress: ImportProgress) => void; startMs: number }
): Promise<ImportResult> {
  const [clone, git] = await Promise.all([LessonClone.at(folder), gitFacts(folder)]);
  const plan = planLessons(await readTree(clone));
  if (!plan) {
    throw new LabError(
      'BPFLAB_LESSONS_SOURCE',
      `"${request.source}" has no lessons — it has no X.bpf.c, no X.bt and no bcc tool.`
    );
  }
  const wanted = plan.lessons.filter(
    ({ id, name }) => request.only === '' || id === request.only || name === request.only
  );
  if (wanted.length === 0)
    throw new LabError('BPFLAB_LESSONS_SOURCE', `"${request.source}" has no lesson "${request.only}".`);
  const old = await readCourse(request.into);
  const license = licenseOf((await clone.text('LICENSE')) ?? (await clone.text('LICENSE.txt')) ?? '');
  const name = isGitAddress(request.source) ? request.source.replace(/^(\w+:\/\/)[^@/]*@/, '$1') : git.remote;
  const isAddress = isGitAddress(name);
  const provenance: Provenance = {
    // The folder of somebody's machine says nothing to others.
    repository: isAddress ? name : repositoryName(request.source),
    ...{ commit: git.commit, license, importedOn: request.today, tool: request.version }
  };
  const repository = isAddress ? (/([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(name)?.[1] ?? '') : '';
  const context: ImportContext = { request, clone, provenance, repository, plans: plan.lessons };
  const course: Course = {
    ...{ version: 1, title: repositoryName(provenance.repository), kind: plan.kind, repository: provenance.repository },
    ...{ commit: git.commit, license, lessons: [], files: { ...old?.files } }
  };
  const result: ImportResult = { course, lessons: [], refused: clone.refused, kept: [], durationMs: 0 };
  const links = new Set<string>();
  for (const [done, lesson] of wanted.entries()) {
    onProgress({ done, total: wanted.length, lesson: lesson.name });
    const imported = await importLesson(lesson, context, links);
    result.lessons.push(imported.lesson);
    course.lessons.push(imported.entry);
  }
  const copied = await copyLessonFiles({ context, plans: wanted, links, known: course.files });
  course.files = { ...course.files, ...copied.files };
  result.kept = copied.kept;
  course.lessons = mergedEntries(course, old, plan.lessons);
  await writeFileAtomic(join(request.into, 'course.json'), `${JSON.stringify(course, null, 1)}\n`);
  onProgress({ done: wanted.length, total: wanted.length, lesson: '' });
  return { ...result, durationMs: Math.round(performance.now() - startMs) };
}

/** Lessons that this import was not asked for stay as the one before left them; all in the order of the repository. */
function mergedEntries(course: Course, old: Course | null, plans: readonly LessonPlan[]): Course['lessons'] {
  const entries = new Map([...(old?.lessons ?? []), ...course.lessons].map(entry => [entry.id, entry]));
  return plans.flatMap(({ id }) => entries.get(id) ?? []);
}

async function readCourse(into: string): Promise<Course | null> {
  await mkdir(into, { recursive: true });
  const text = await readTextIfThere(join(into, 'course.json'));
  try {
    const course = JSON.parse(text ?? 'null') as Course | null;
    return course?.version === 1 ? course : null;
  } catch {
    return null;
  }
}

async function readTree(clone: LessonClone): Promise<RepositoryTree> {
  const paths = [...clone.files.keys()].sort();
  const texts = new Map<string, string>();
  for (const path of paths.filter(each => /(^|\/)(README|SUMMARY)\.md$/.test(each)))
    texts.set(path, (await clone.text(path)) ?? '');
  return { paths, texts };
}
