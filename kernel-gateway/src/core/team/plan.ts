/** `team/plan.md`: a table of tasks, and below it a Gantt chart (Mermaid) that is made of it and of the progress. */
import { readTableRow } from './markdown-table.js';
import type { ProgressFile } from './progress.js';

/** A task of the plan. `labs`: those that must be done for it; empty: `done` says it. */
export interface PlanTask {
  section: string;
  task: string;
  who: string;
  from: string;
  to: string;
  labs: string[];
  done: boolean;
}

const BEGIN = '<!-- gantt: made by bpflab from the table above -->';
const END = '<!-- /gantt -->';
type FiveCells = [string, string, string, string, string];

const DATE = /^\d{4}-\d\d-\d\d$/;

/** Tasks of the table `| Task | Who | From | To | Done |`; "Done" is `yes`, empty, or ids of labs. */
export function readPlan(text: string): PlanTask[] {
  const tasks: PlanTask[] = [];
  let section = '';
  for (const line of text.split(/\r\n|\n|\r/)) {
    section = /^#{2,6} (.+)$/.exec(line)?.[1]?.trim() ?? section;
    const task = taskOf(readTableRow(line) ?? [], section);
    if (task !== null) tasks.push(task);
  }
  return tasks;
}

function taskOf(cells: readonly string[], section: string): PlanTask | null {
  const [task, who, from, to, done] = Array.from({ length: 5 }, (_, index) => cells[index] ?? '') as FiveCells;
  if (task === '' || !DATE.test(from) || !DATE.test(to)) return null;
  const labs = done.split(/[\s,]+/).filter(word => word.includes('/'));
  return { section, task, who, from, to, labs, done: /^(yes|x|done|是|完成)$/i.test(done) };
}

/** The plan with its chart made anew; everything else stays. A plan without tasks has no chart. */
export function withGantt(text: string, progress: readonly ProgressFile[], today: string): string {
  const tasks = readPlan(text);
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END, from);
  const rest = from < 0 ? text.trimEnd() : text.slice(0, from).trimEnd();
  const behind = from < 0 ? '' : to < 0 ? '' : text.slice(to + END.length).trim();
  if (tasks.length === 0) return text;
  const parts = [rest, `${BEGIN}\n\n${gantt(tasks, progress, today)}\n\n${END}`, behind];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

/** Tasks that should be over and are not. */
export const lateTasks = (tasks: readonly PlanTask[], progress: readonly ProgressFile[], today: string): PlanTask[] =>
  tasks.filter(task => task.to < today && !isDone(task, progress));

function gantt(tasks: readonly PlanTask[], progress: readonly ProgressFile[], today: string): string {
  const lines = ['```mermaid', 'gantt', '    dateFormat YYYY-MM-DD', '    axisFormat %m-%d'];
  let section: string | null = null;
  for (const [index, task] of tasks.entries()) {
    if (task.section !== section) lines.push(`    section ${word(task.section) || 'Plan'}`);
    section = task.section;
    const state = isDone(task, progress) ? 'done, ' : task.to < today ? 'crit, ' : task.from <= today ? 'active, ' : '';
    const who = task.who === '' ? '' : ` (${word(task.who)})`;
    lines.push(`    ${word(task.task)}${who} :${state}t${index + 1}, ${task.from}, ${task.to}`);
  }
  return [...lines, '```'].join('\n');
}

/** Of the person that the task names, or of anybody. */
function isDone({ labs, done, who }: PlanTask, progress: readonly ProgressFile[]): boolean {
  if (labs.length === 0) return done;
  const own = progress.filter(file => file.person === who);
  const files = own.length > 0 ? own : progress;
  return labs.every(lab => files.some(file => file.labs.some(one => one.lab === lab && one.state === 'done')));
}

const word = (text: string): string => text.replace(/[:;#\n]/g, ' ').trim();
