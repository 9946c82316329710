/** `team/index/*.md`: generated lists of where what stands; made anew, never merged. */
import { readFrontMatter } from '../markdown/front-matter.js';
import { readLog, tagsIn } from './day-log.js';

/** A Markdown file of the team; `path` is relative to `team/`, with `/`. */
export interface TeamFile {
  path: string;
  text: string;
}

interface IndexEntry {
  path: string;
  date: string;
  title: string;
  tags: string[];
}

const GENERATED = '<!-- Made by bpflab; run "npx bpflab team index" to make it anew. -->';

/** Both indexes, by the name of their file. */
export function teamIndex(files: readonly TeamFile[]): Map<'by-tag.md' | 'by-date.md', string> {
  const entries = files.flatMap(entriesOf).sort((a, b) => compare(b.date, a.date) || compare(a.path, b.path));
  const tags = [...new Set(entries.flatMap(entry => entry.tags))].sort();
  const dates = [...new Set(entries.map(entry => entry.date))];
  const list = (some: readonly IndexEntry[]): string => some.map(lineOf).join('\n');
  const byTag = tags.map(tag => `## ${tag}\n\n${list(entries.filter(entry => entry.tags.includes(tag)))}`);
  const byDate = dates.map(date => `## ${date || '—'}\n\n${list(entries.filter(entry => entry.date === date))}`);
  return new Map([
    ['by-tag.md', page('By tag', byTag)],
    ['by-date.md', page('By date', byDate)]
  ]);
}

const page = (title: string, parts: readonly string[]): string =>
  `${[`# ${title}`, GENERATED, ...parts].join('\n\n')}\n`;

function entriesOf({ path, text }: TeamFile): IndexEntry[] {
  if (/^(index|reports)\//.test(path) || /(^|\/)(progress|plan)\.md$/.test(path) || path.startsWith('todo/')) return [];
  const date = /(\d{4}-\d\d-\d\d)[^/]*\.md$/.exec(path)?.[1] ?? '';
  const log = /\/log\//.test(path) ? readLog(text) : [];
  if (log.length > 0) {
    return log.map(({ time, title, tags }) => ({ path, date, title: `${time} ${title}`, tags }));
  }
  const { data, body } = readFrontMatter(text);
  const title = /^# (.+)$/m.exec(body)?.[1] ?? path;
  const listed = Array.isArray(data['tags'])
    ? data['tags'].filter(tag => typeof tag === 'string').map(tag => tag.toLowerCase())
    : [];
  return [{ path, date, title, tags: [...new Set([...listed, ...tagsIn(body)])] }];
}

function lineOf({ path, title }: IndexEntry): string {
  const who = /^people\/([^/]+)\//.exec(path)?.[1];
  const link = path.split('/').map(encodeURIComponent).join('/');
  return `- [${title.replace(/[[\]]/g, '')}](../${link})${who === undefined ? '' : ` — ${who}`}`;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Lines of the team's files that have all words of a search, without regard to case; at most `most`. */
export function searchTeam(
  files: readonly TeamFile[],
  words: string,
  most = 200
): { path: string; line: number; text: string }[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '');
  if (wanted.length === 0) return [];
  const found = files.flatMap(({ path, text }) =>
    text.split(/\r\n|\n|\r/).flatMap((line, index) => {
      const lower = line.toLowerCase();
      return wanted.every(word => lower.includes(word)) ? [{ path, line: index + 1, text: line.trim() }] : [];
    })
  );
  return found.slice(0, most);
}
