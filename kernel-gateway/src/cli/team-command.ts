import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { writeFileAtomic } from '../adapters/jupyter/state/atomic-file.js';
import { commitFile, commitsOf, currentPerson } from '../adapters/team/git.js';
import { dayOf, timeOf } from '../adapters/team/team-desk.js';
import { TeamFolder } from '../adapters/team/team-folder.js';
import { readDiscussions, withState, type Discussion } from '../core/team/discussions.js';
import { progressCsv } from '../core/team/progress-table.js';
import { peopleOf, weeklyReport } from '../core/team/weekly-report.js';
import { daysOf, weekOf } from '../core/team/week.js';
import { LabError } from '../protocol/index.js';

interface TeamOptions {
  workspace: string;
  week?: string;
  write?: true;
  commit?: true;
}

/** `bpflab team …`: the team's files of a workspace; see docs/reference/team.md. */
export function teamCommand(): Command {
  const sub = (name: string, says: string): Command =>
    new Command(name).description(says).option('--workspace <folder>', 'folder that team/ is in', '.');
  return new Command('team')
    .description('reports on a team and makes its generated files')
    .addCommand(
      sub('report', 'prints the report of a week')
        .option('--week <week>', 'such as 2026-W48; this week without it')
        .option('--write', 'writes team/reports/WEEK.md instead')
        .option('--commit', 'writes it and commits it')
        .action(report)
    )
    .addCommand(
      sub('export', "writes everyone's progress, a row for each lab of a person")
        .option('--csv', 'as CSV (the only form there is)')
        .option('--output <file>', 'writes a file instead of printing')
        .action(exportProgress)
    )
    .addCommand(
      sub('assign', 'puts labs on the to-do lists of people')
        .argument('<lab...>', 'ids of labs, such as start/01-hello')
        .option('--to <names>', 'names, with commas between; without it, everyone who has a folder')
        .option('--due <day>', 'such as 2026-12-01', parseDay)
        .action(assign)
    )
    .addCommand(
      sub('discuss', 'begins a discussion')
        .argument('<title>', 'what it is about, in a line')
        .option('--about <path>', 'file of the workspace, with #cell-id=ID for a cell', '')
        .option('--text <text>', 'what is said', '')
        .action(discuss)
    )
    .addCommand(sub('discussions', 'lists discussions').option('--json', 'prints JSON').action(discussions))
    .addCommand(sub('close', 'closes a discussion').argument('<number>', 'its number').action(setState(false)))
    .addCommand(sub('reopen', 'opens a discussion again').argument('<number>', 'its number').action(setState(true)))
    .addCommand(sub('index', 'fills to-dos from meetings, draws the plan, makes the indexes').action(index));
}

const today = (): string => dayOf(new Date());

async function report(options: TeamOptions): Promise<void> {
  const workspace = resolve(options.workspace);
  const week = options.week ?? weekOf(today());
  const days = daysOf(week);
  if (days === null) throw new LabError('BPFLAB_CONFIG_OPTION', `"${week}" is no week; write it as 2026-W48.`);
  const team = new TeamFolder(workspace);
  const text = weeklyReport({ week, files: await team.files(), commits: await commitsOf(workspace, days) });
  if (options.write !== true && options.commit !== true) {
    process.stdout.write(text);
    return;
  }
  const path = `reports/${week}.md`;
  await team.writeGenerated(path, `<!-- Made by bpflab -->\n\n${text}`);
  if (options.commit === true) await commitFile(workspace, `team/${path}`, `team: report of ${week}`);
  console.log(`team/${path}`);
}

async function index(options: TeamOptions): Promise<void> {
  const written = await new TeamFolder(resolve(options.workspace)).refresh(today());
  console.log(written.length === 0 ? 'Everything is as it should be.' : written.join('\n'));
}

const inWorkspace = ({ workspace }: { workspace: string }): TeamFolder => new TeamFolder(resolve(workspace));

function parseDay(text: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) throw new InvalidArgumentError('Write it as 2026-12-01.');
  return text;
}

async function exportProgress(options: { workspace: string; output?: string }): Promise<void> {
  const text = progressCsv(await inWorkspace(options).progress(), today());
  if (options.output === undefined) process.stdout.write(text);
  else await writeFileAtomic(resolve(options.output), text);
}

async function assign(labs: string[], options: { workspace: string; to?: string; due?: string }): Promise<void> {
  const team = inWorkspace(options);
  const people = options.to?.split(',') ?? peopleOf(await team.files());
  const due = options.due === undefined ? '' : `, due ${options.due}`;
  const tasks = labs.map(lab => `Lab ${lab}${due}`);
  for (const person of people) {
    const isNew = await team.addTodos(person, tasks, '');
    console.log(`${person}: ${isNew ? tasks.join('; ') : 'has them already'}`);
  }
}

async function discuss(title: string, options: { workspace: string; about: string; text: string }): Promise<void> {
  const now = new Date();
  const who = (await currentPerson(resolve(options.workspace))) ?? '?';
  const { about, text } = options;
  const start = { who, when: `${dayOf(now)} ${timeOf(now)}`, title, about, text };
  console.log(await inWorkspace(options).discuss(start));
}

async function discussions(options: { workspace: string; json?: true }): Promise<void> {
  const found = readDiscussions(await inWorkspace(options).files());
  if (options.json === true) console.log(JSON.stringify({ discussions: found }, null, 2));
  else for (const one of found) console.log(lineOf(one));
}

const lineOf = ({ number, title, isOpen, answers, about }: Discussion): string =>
  `${String(number).padStart(4, '0')}  ${isOpen ? 'open  ' : 'closed'}  ${title} (${answers})${about === '' ? '' : `  ${about}`}`;

function setState(isOpen: boolean): (number: string, options: { workspace: string }) => Promise<void> {
  return async (number, options) => {
    const team = inWorkspace(options);
    const found = readDiscussions(await team.files()).find(one => one.number === Number(number));
    if (found === undefined) throw new LabError('BPFLAB_CONFIG_OPTION', `There is no discussion ${number}.`);
    await team.edit(found.path, text => withState(text, isOpen));
    console.log(`team/${found.path}`);
  };
}
