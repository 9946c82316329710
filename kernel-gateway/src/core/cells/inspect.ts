import { helperTable } from './helper.table.js';
import { helpText } from './help.js';
import { findMagic } from './magic.table.js';
import { sectionMeaningTable } from './section-meaning.table.js';

/** The part of a SEC name before its target: "kprobe" of "kprobe/do_unlinkat". */
function meaningOf(section: string): string | null {
  const name = section.replace(/^\?/, '');
  const row =
    sectionMeaningTable.find(one => one.form === name) ??
    sectionMeaningTable.find(one => one.form.split('/')[0] === name.split('/')[0]);
  return row ? `SEC("${row.form}")\n\n${row.meaning}\n` : null;
}

function inspectMagic(line: string): string | null {
  const [, prefix = '', name = ''] = /^\s*(%%?)(\w+)/.exec(line) ?? [];
  return findMagic(prefix === '%%' ? 'cell' : 'line', name) ? helpText(prefix + name) : null;
}

function inspectSection(line: string, column: number): string | null {
  for (const match of line.matchAll(/SEC\s*\(\s*"([^"]*)"?\s*\)?/g))
    if (column >= match.index && column <= match.index + match[0].length) return meaningOf(match[1] ?? '');
  return null;
}

function inspectHelper(line: string, column: number): string | null {
  const before = /\w*$/.exec(line.slice(0, column))?.[0] ?? '';
  const word = before + (/^\w*/.exec(line.slice(column))?.[0] ?? '');
  const helper = helperTable.find(one => one.name === word);
  return helper ? `${helper.call}\n\n${helper.summary}\n` : null;
}

/** Answers Jupyter's inspect_request (Shift-Tab) for what stands at the cursor: a magic, a SEC name or a helper. */
export function inspect(text: string, cursor: number): { found: boolean; text: string } {
  const at = Math.max(0, Math.min(cursor, text.length));
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const line = text.slice(lineStart).split('\n', 1)[0] ?? '';
  const found = inspectMagic(line) ?? inspectSection(line, at - lineStart) ?? inspectHelper(line, at - lineStart);
  return { found: found !== null, text: found ?? '' };
}
