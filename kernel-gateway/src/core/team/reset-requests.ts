/**
 * `team/resets/<time>-<lab>.md`: an instructor asks people to begin a lab anew. Each person answers in a line of their own; lines
 * that git has joined from two clones count together, an answer before the question.
 */
import { readFrontMatter } from '../markdown/front-matter.js';
import { personFolder } from './person-folder.js';
import type { TeamFile } from './team-index.js';

/** What became of it for a person: `open` until they have said it. */
export type ResetAnswer = 'open' | 'begun' | 'kept';

/** A request; `path` is relative to `team/`, `people` are names of folders. */
export interface ResetRequest {
  path: string;
  lab: string;
  by: string;
  text: string;
  people: ReadonlyMap<string, ResetAnswer>;
}

/** What a request is made of. `when`: `2026-11-23 14:05`. */
export interface NewResetRequest {
  lab: string;
  by: string;
  when: string;
  text: string;
  people: readonly string[];
}

const WORDS = { open: '', begun: 'begun anew', kept: 'kept as it is' } as const;
const LINE = /^[-*] \[([ xX])\] ([^\s:：]+)(?:[:：] *(.*))?$/;

/** Requests among files of the team, the newest first; files that name no lab are left out. */
export function readResetRequests(files: readonly TeamFile[]): ResetRequest[] {
  return files
    .flatMap(({ path, text }) => {
      if (!/^resets\/[^/]+\.md$/.test(path)) return [];
      const { data, body } = readFrontMatter(text);
      const [lab, by] = [data['lab'], data['by']];
      if (typeof lab !== 'string' || !/^[\w-]+(\/[\w-]+)+$/.test(lab)) return [];
      const lines = body.split(/\r\n|\n|\r/);
      const said = lines.filter(line => !LINE.test(line) && !line.startsWith('# '));
      return [
        { path, lab, by: typeof by === 'string' ? by : '?', text: said.join('\n').trim(), people: answersOf(lines) }
      ];
    })
    .sort((a, b) => (a.path < b.path ? 1 : -1));
}

/** Path of a request, relative to `team/`. */
export const resetPath = ({ lab, when }: NewResetRequest): string =>
  `resets/${when.replace(/[ :]/g, '-')}-${lab.replaceAll('/', '-')}.md`;

/** Text of a request. One of the same lab and minute that is there (`before`) gets those people whom it does not have. */
export function withResetRequest(before: string | null, { lab, by, text, people }: NewResetRequest): string {
  if (before !== null) {
    const known = answersOf(before.split('\n'));
    return people.filter(one => !known.has(one)).reduce((all, one) => withResetAnswer(all, one, 'open'), before);
  }
  const head = ['---', `lab: ${lab}`, `by: ${JSON.stringify(by)}`, '---', '', `# Begin anew: ${lab}`, ''];
  const said = text.trim() === '' ? [] : [text.trim(), ''];
  return [...head, ...said, ...people.map(one => lineOf(one, 'open')), ''].join('\n');
}

/** The request with a person's answer in their line; without such a line it is added. */
export function withResetAnswer(text: string, person: string, answer: ResetAnswer): string {
  const isTheirs = (line: string): boolean => LINE.exec(line)?.[2] === person;
  const lines = text.trimEnd().split('\n');
  const first = lines.findIndex(isTheirs);
  const kept = lines.filter((line, index) => index === first || !isTheirs(line));
  const changed = kept.map(line => (isTheirs(line) ? lineOf(person, answer) : line));
  return `${[...changed, ...(first < 0 ? [lineOf(person, answer)] : [])].join('\n')}\n`;
}

function answersOf(lines: readonly string[]): Map<string, ResetAnswer> {
  const answers = new Map<string, ResetAnswer>();
  for (const line of lines) {
    const [, mark, name = '', word = ''] = LINE.exec(line) ?? [];
    const person = mark === undefined ? null : personFolder(name);
    if (person === null) continue;
    const answer = mark === ' ' ? 'open' : word.startsWith(WORDS.kept) ? 'kept' : 'begun';
    if (answer !== 'open' || !answers.has(person)) answers.set(person, answer);
  }
  return answers;
}

const lineOf = (person: string, answer: ResetAnswer): string =>
  `- [${answer === 'open' ? ' ' : 'x'}] ${person}${answer === 'open' ? '' : `: ${WORDS[answer]}`}`;
