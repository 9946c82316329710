/** `team/people/<name>/log/<day>.md`: one heading for each entry; what people write between is theirs and stays. */

/** An entry of a day. */
export interface LogEntry {
  /** `14:05`. */
  time: string;
  title: string;
  tags: string[];
  /** Markdown. */
  text: string;
}

/** An entry as it stands in a file; `line` is that of its heading, 1-based. */
export interface ReadEntry extends LogEntry {
  line: number;
}

const HEADING = /^## (\d{1,2}:\d\d) (.*)$/;

/** The file with an entry at its end; a file that is not there is begun. Nothing of it is changed. */
export function withEntry(text: string | null, day: { date: string; person: string }, entry: LogEntry): string {
  const before = text ?? `# ${day.date} ${day.person}\n`;
  const tags = entry.tags.map(tagOf).filter(tag => tag !== '');
  const title = entry.title.replace(/\s+/g, ' ').trim() || '—';
  // With the title, so that a merge line by line cannot part them.
  const heading = [`## ${entry.time} ${title}`, ...tags.map(tag => `#${tag}`)].join(' ');
  const parts = [heading, entry.text.trim()];
  return `${before.trimEnd()}\n\n${parts.filter(part => part !== '').join('\n\n')}\n`;
}

/** Entries of a log; text before the first heading belongs to none. */
export function readLog(text: string): ReadEntry[] {
  const entries: ReadEntry[] = [];
  let fence = '';
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    fence = fenceAfter(fence, line);
    const heading = fence === '' ? HEADING.exec(line) : null;
    const last = entries.at(-1);
    if (heading) {
      const [, time = '', rest = ''] = heading;
      const title = rest.replace(/(\s+#[\p{L}\p{N}_-]+)+\s*$/u, '');
      entries.push({ time, title, tags: tagsIn(rest.slice(title.length)), text: '', line: index + 1 });
    }
    if (!heading && last) last.text += `${line}\n`;
  }
  return entries.map(entry => ({
    ...entry,
    tags: [...new Set([...entry.tags, ...tagsIn(entry.text)])].sort(),
    text: entry.text.trim()
  }));
}

/** Tags of a Markdown text: `#word` behind a blank, outside of code; sorted, each once. */
export function tagsIn(text: string): string[] {
  const tags = new Set<string>();
  let fence = '';
  for (const line of text.split(/\r\n|\n|\r/)) {
    const before = fence;
    fence = fenceAfter(fence, line);
    if (fence !== '' || before !== '') continue;
    for (const match of line.replace(/`[^`]*`/g, '').matchAll(/(?:^|\s)#([\p{L}\p{N}_-]*\p{L}[\p{L}\p{N}_-]*)/gu)) {
      tags.add(match[1]!.toLowerCase());
    }
  }
  return [...tags].sort();
}

const tagOf = (text: string): string =>
  text
    .trim()
    .replace(/^#/, '')
    .replace(/[^\p{L}\p{N}_-]+/gu, '-')
    .toLowerCase();

/** The fence that is open behind a line; empty: none. */
function fenceAfter(open: string, line: string): string {
  const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
  if (mark === null) return open;
  if (open === '') return mark[1]!;
  return mark[1]!.startsWith(open) && mark[2]!.trim() === '' ? '' : open;
}
