import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { isGitAddress, repositoryName } from '../adapters/lessons/git-clone.js';
import { importLessons, type ImportResult } from '../adapters/lessons/import-lessons.js';
import type { LabError } from '../protocol/index.js';
import { errorStatus, ExitStatus } from './exit-status.js';

interface ImportOptions {
  into?: string;
  lang: 'en' | 'zh' | 'both';
  only: string;
  json?: true;
}

/** `bpflab import SOURCE`: lessons of a repository as notebooks; see docs/reference/lessons.md. */
export function importCommand(): Command {
  return new Command('import')
    .description('makes notebooks of the lessons of a repository, and updates those that are there')
    .argument('<source>', 'a folder, usually a clone, or a git address')
    .option('--into <folder>', 'folder of the course; without it, lessons/NAME in this folder')
    .addOption(new Option('--lang <language>', 'language of the texts').choices(['en', 'zh', 'both']).default('en'))
    .option('--only <name>', 'only this lesson, such as 9-runqlat', '')
    .option('--json', 'what was done, as JSON')
    .action(async (source: string, options: ImportOptions) => {
      process.exitCode = await runImport(source, options);
    });
}

async function runImport(source: string, options: ImportOptions): Promise<number> {
  const into = resolve(options.into ?? `lessons/${repositoryName(isGitAddress(source) ? source : resolve(source))}`);
  try {
    const request = {
      ...{ source: isGitAddress(source) ? source : resolve(source), into, language: options.lang, only: options.only },
      ...{ version: productVersion(), today: new Date().toISOString().slice(0, 10) }
    };
    const result = await importLessons(request, ({ done, total, lesson }) => {
      if (options.json) return;
      console.error(total === 0 ? `cloning ${lesson}` : `${done}/${total} ${lesson}`.trimEnd());
    });
    if (options.json) console.log(JSON.stringify(jsonOf(result, into)));
    else report(result, into);
    return ExitStatus.ok;
  } catch (error) {
    const status = errorStatus(error);
    const { code, message, hint } = error as LabError;
    if (options.json) console.log(JSON.stringify({ version: 1, error: { code, message, hint } }));
    else console.error(`${code}: ${message}\n${hint}`);
    return status;
  }
}

const productVersion = (): string => {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
};

function jsonOf({ course, lessons, refused, kept, durationMs }: ImportResult, into: string): object {
  const { title, kind, repository, commit, license } = course;
  return {
    version: 1,
    into,
    course: { title, kind, repository, commit, license },
    lessons,
    refused,
    kept,
    duration_ms: durationMs
  };
}

function report({ course, lessons, refused, kept, durationMs }: ImportResult, into: string): void {
  const figures = lessons.flatMap(lesson => Object.values(lesson.figures));
  const sum = (name: 'fences' | 'listings' | 'commands'): number =>
    figures.reduce((total, each) => total + each[name], 0);
  const commit = course.commit?.slice(0, 12) ?? 'no commit';
  console.log(`${course.repository} (${commit}): ${lessons.length} lessons, ${figures.length} notebooks in ${into}`);
  console.log(
    `${sum('fences')} fences: ${sum('listings')} are program cells; ${sum('commands')} command cells; ${durationMs} ms`
  );
  for (const { id, change } of lessons) {
    if (!change) continue;
    const { updated, added, removed, conflicts } = change;
    if (updated.length + added.length + removed.length + conflicts.length === 0) continue;
    console.log(
      `${id}: ${updated.length} updated, ${added.length} new, ${removed.length} gone, ${conflicts.length} kept as you wrote them`
    );
  }
  for (const path of kept) console.log(`${path}: kept, you changed it`);
  for (const path of refused) console.log(`${path}: left out, it is a link out of the folder`);
}
