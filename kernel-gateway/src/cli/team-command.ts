import { resolve } from 'node:path';
import { Command } from 'commander';
import { commitFile, commitsOf } from '../adapters/team/git.js';
import { dayOf } from '../adapters/team/team-desk.js';
import { TeamFolder } from '../adapters/team/team-folder.js';
import { daysOf, weekOf } from '../core/team/week.js';
import { weeklyReport } from '../core/team/weekly-report.js';
import { LabError } from '../protocol/index.js';

interface TeamOptions {
  workspace: string;
  week?: string;
  write?: true;
  commit?: true;
}

/** `bpflab team report|index`: the team's files of a workspace; see docs/reference/team.md. */
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
