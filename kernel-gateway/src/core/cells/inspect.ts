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

/** Answers Jupyter's inspect_request (Shift-Tab) for what stands at the cursor: a magic, a SEC name or a helper. */
export function inspect(text: string, cursor: number): { found: boolean; text: string } {
  const at = Math.max(0, Math.min(cursor, text.length));
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const lineEnd = text.indexOf('\n', at);
  const line = text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd);
  const magic = /^\s*(%%?)(\w+)/.exec(line);
  if (magic && findMagic(magic[1] === '%%' ? 'cell' : 'line', magic[2] ?? ''))
    return { found: true, text: helpText(`${magic[1]}${magic[2]}`) };
  for (const match of line.matchAll(/SEC\s*\(\s*"([^"]*)"?\s*\)?/g)) {
    const inside = at >= lineStart + match.index && at <= lineStart + match.index + match[0].length;
    const meaning = inside ? meaningOf(match[1] ?? '') : null;
    if (meaning) return { found: true, text: meaning };
  }
  const before = /\w*$/.exec(text.slice(lineStart, at))?.[0] ?? '';
  const word = before + (/^\w*/.exec(text.slice(at))?.[0] ?? '');
  const helper = helperTable.find(one => one.name === word);
  return helper ? { found: true, text: `${helper.call}\n\n${helper.summary}\n` } : { found: false, text: '' };
}
