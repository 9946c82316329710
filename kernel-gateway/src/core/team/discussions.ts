/** `team/discussions/NNNN-title.md`: a question about a cell or a lab, and what was said to it; open or closed. */
import { readFrontMatter } from '../markdown/front-matter.js';
import { personFolder } from './person-folder.js';
import type { TeamFile } from './team-index.js';

/** A discussion as lists show it; `path` is relative to `team/`. */
export interface Discussion {
  path: string;
  number: number;
  title: string;
  isOpen: boolean;
  /** What it is about: a path of the workspace, with `#cell-id=` for a cell; empty when it is about nothing in particular. */
  about: string;
  /** How often something was said after the first text. */
  answers: number;
}

/** Something that is said. `when`: `2026-11-23 14:05`. */
export interface Remark {
  who: string;
  when: string;
  text: string;
}

/** Discussions among files of the team, open ones first, the newest first. */
export function readDiscussions(files: readonly TeamFile[]): Discussion[] {
  return files
    .flatMap(({ path, text }) => {
      const name = /^discussions\/(\d{4,})-[^/]*\.md$/.exec(path);
      if (name === null) return [];
      const { data, body } = readFrontMatter(text);
      const about = data['about'];
      return [
        {
          path,
          number: Number(name[1]),
          title: /^# (.+)$/m.exec(body)?.[1]?.trim() ?? path,
          isOpen: data['state'] !== 'closed',
          about: typeof about === 'string' ? about : '',
          answers: [...body.matchAll(/^## .+, \d{4}-\d\d-\d\d \d\d:\d\d$/gm)].length
        }
      ];
    })
    .sort((a, b) => Number(b.isOpen) - Number(a.isOpen) || b.number - a.number);
}

/** Path and text of a new discussion; its number is one more than the greatest there is. */
export function newDiscussion(
  files: readonly TeamFile[],
  { title, about, ...remark }: Remark & { title: string; about: string }
): TeamFile {
  const last = Math.max(0, ...readDiscussions(files).map(({ number }) => number));
  const line = title.replace(/\s+/g, ' ').trim();
  const name = (personFolder(line) ?? 'discussion').toLowerCase().slice(0, 50);
  const path = `discussions/${String(last + 1).padStart(4, '0')}-${name}.md`;
  const link = about === '' ? '' : `About [${about.replace(/[[\]]/g, '')}](../../${linkOf(about)}).\n\n`;
  const head = ['---', 'state: open', `about: ${JSON.stringify(about)}`, '---', '', `# ${line || name}`, ''].join('\n');
  return { path, text: `${head}\n${link}${remark.who}, ${remark.when}:\n\n${remark.text.trim()}\n` };
}

/** The discussion with something said at its end; nothing that is there is changed. */
export const withRemark = (text: string, { who, when, text: said }: Remark): string =>
  `${text.trimEnd()}\n\n## ${who}, ${when}\n\n${said.trim()}\n`;

/** The discussion open or closed. One without front matter gets one. */
export function withState(text: string, isOpen: boolean): string {
  const line = `state: ${isOpen ? 'open' : 'closed'}`;
  const head = /^---[ \t]*\r?\n[^]*?\n---[ \t]*\r?\n/.exec(text)?.[0];
  if (head === undefined) return `---\n${line}\n---\n\n${text}`;
  const changed = /^state:.*$/m.test(head) ? head.replace(/^state:.*$/m, line) : head.replace(/\n/, `\n${line}\n`);
  return changed + text.slice(head.length);
}

function linkOf(about: string): string {
  const [path = '', ...rest] = about.split('#');
  const fragment = rest.length === 0 ? '' : `#${rest.join('#')}`;
  return path.split('/').map(encodeURIComponent).join('/') + fragment;
}
