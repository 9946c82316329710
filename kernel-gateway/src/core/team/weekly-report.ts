import { readLog } from './day-log.js';
import { lateTasks, readPlan } from './plan.js';
import { readProgress } from './progress.js';
import type { TeamFile } from './team-index.js';
import { readTodos } from './todo-list.js';
import { daysOf } from './week.js';

/** What a person changed in the repository. */
export interface PersonCommits {
  person: string;
  /** First lines of the messages, the newest first. */
  commits: string[];
}

/** What a report is made of. `days` are those of the week. */
export interface ReportInput {
  week: string;
  files: readonly TeamFile[];
  commits: readonly PersonCommits[];
}

/** The report of a week as Markdown: for each person labs, log, to-dos and commits, and who has written nothing. */
export function weeklyReport({ week, files, commits }: ReportInput): string {
  const days = daysOf(week) ?? [];
  const people = peopleOf(files, commits);
  const progress = people.map(person => readProgress(textOf(files, `people/${person}/progress.md`)));
  const late = lateTasks(readPlan(textOf(files, 'plan.md')), progress, days.at(-1) ?? '');
  const active = commits.filter(one => one.commits.length > 0).map(one => one.person);
  const quiet = people.filter(person => !active.includes(person) && !hasUpdate(files, person, days));
  const parts = [
    `# Week ${week}`,
    `${days[0] ?? ''} to ${days.at(-1) ?? ''}.`,
    ...(quiet.length === 0 ? [] : [`**No update this week:** ${quiet.join(', ')}.`]),
    ...(late.length === 0
      ? []
      : ['## Late', late.map(task => `- ${task.task} (${task.who}), due ${task.to}`).join('\n')]),
    ...people.flatMap(person => personPart({ person, files, days, commits }))
  ];
  return `${parts.join('\n\n')}\n`;
}

/** People who have a folder, a list or commits, by the name of their folder. */
export function peopleOf(files: readonly TeamFile[], commits: readonly PersonCommits[] = []): string[] {
  const named = files.flatMap(({ path }) => {
    const match = /^people\/([^/]+)\//.exec(path) ?? /^todo\/todo-(.+)\.md$/.exec(path);
    return match ? [match[1]!] : [];
  });
  return [...new Set([...named, ...commits.map(one => one.person)])].sort();
}

/** Whether somebody wrote a log or got on with a lab on one of the days. */
export function hasUpdate(files: readonly TeamFile[], person: string, days: readonly string[]): boolean {
  const hasLog = days.some(day => textOf(files, `people/${person}/log/${day}.md`) !== '');
  const { labs } = readProgress(textOf(files, `people/${person}/progress.md`));
  return hasLog || labs.some(lab => days.includes(lab.changed));
}

function personPart(input: {
  person: string;
  files: readonly TeamFile[];
  days: readonly string[];
  commits: readonly PersonCommits[];
}): string[] {
  const { person, files, days, commits } = input;
  const { labs } = readProgress(textOf(files, `people/${person}/progress.md`));
  const worked = labs.filter(lab => days.includes(lab.changed));
  const todos = readTodos(textOf(files, `todo/todo-${person}.md`));
  const open = todos.filter(todo => !todo.done);
  const lines = [
    ...worked.map(
      lab => `- Lab ${lab.lab}: ${lab.state}, ${lab.passed.length} of ${lab.steps} steps, ${lab.minutes} min`
    ),
    ...days.flatMap(day =>
      readLog(textOf(files, `people/${person}/log/${day}.md`)).map(entry => `- ${day} ${entry.time} ${entry.title}`)
    ),
    ...(commits.find(one => one.person === person)?.commits ?? []).map(message => `- Commit: ${message}`),
    ...(todos.length === 0 ? [] : [`- To do: ${todos.length - open.length} of ${todos.length} done`]),
    ...open.map(todo => `  - ${todo.text}`)
  ];
  return [`## ${person}`, lines.length === 0 ? 'Nothing.' : lines.join('\n')];
}

const textOf = (files: readonly TeamFile[], path: string): string => files.find(file => file.path === path)?.text ?? '';
