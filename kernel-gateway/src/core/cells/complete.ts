import { helperTable } from './helper.table.js';
import { findMagic, magicTable } from './magic.table.js';
import { sectionMeaningTable } from './section-meaning.table.js';
import { sectionTable } from '../object/section.table.js';

/** Words that may stand between `start` and `end` (UTF-16 offsets into the text), best first. */
export interface Completion {
  matches: string[];
  start: number;
  end: number;
}

/** Names after which a slash and a target come. */
function sectionNames(): string[] {
  const shown = sectionMeaningTable.map(row =>
    row.form.replace(/[A-Z:/]+$/, form => (form.startsWith('/') ? '/' : ''))
  );
  const all = [...sectionTable.keys()].map(name => name.replace(/\+$/, '/'));
  return [...new Set([...shown, ...all])];
}

function completeMagicLine(line: string, lineStart: number, cursor: number): Completion | null {
  const before = line.slice(0, cursor - lineStart);
  const name = /^\s*(%%?)(\w*)$/.exec(before);
  if (name) {
    const [, prefix = '', word = ''] = name;
    const start = cursor - word.length - prefix.length;
    const scopes = prefix === '%%' ? ['cell'] : ['line', 'cell'];
    const matches = scopes.flatMap(scope =>
      magicTable
        .filter(magic => magic.scope === scope && magic.name.startsWith(word))
        .map(magic => (scope === 'cell' ? '%%' : '%') + magic.name)
    );
    return { matches, start, end: cursor };
  }
  const words = /^\s*(%%?)(\w+)\s.*?(\S*)$/.exec(before);
  const magic = words && findMagic(words[1] === '%%' ? 'cell' : 'line', words[2] ?? '');
  if (!words || !magic) return null;
  const word = words[3] ?? '';
  const matches = magic.options.map(option => `--${option.name}`).filter(option => option.startsWith(word));
  return { matches: word.startsWith('-') || word === '' ? matches : [], start: cursor - word.length, end: cursor };
}

/** Words of the cell itself, most recent before the cursor first. */
function wordsOf(text: string, prefix: string, cursor: number): string[] {
  const words = new Set<string>();
  const around = text.slice(Math.max(0, cursor - 100_000), cursor + 100_000);
  for (const [word] of around.matchAll(/[A-Za-z_]\w{2,}/g))
    if (word.startsWith(prefix) && word !== prefix) words.add(word);
  return [...words].slice(0, 100);
}

/** Answers Jupyter's complete_request from the text alone: magics, their options, SEC names, helpers, words of the cell. */
export function complete(text: string, cursor: number): Completion {
  const at = Math.max(0, Math.min(cursor, text.length));
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const lineEnd = text.indexOf('\n', at);
  const line = text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd);
  const magic = completeMagicLine(line, lineStart, at);
  if (magic) return magic;
  const before = text.slice(lineStart, at);
  const section = /SEC\s*\(\s*"\??([^"]*)$/.exec(before)?.[1];
  if (section !== undefined) {
    return { matches: sectionNames().filter(name => name.startsWith(section)), start: at - section.length, end: at };
  }
  const word = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? '';
  if (word.length < 2) return { matches: [], start: at, end: at };
  const helpers = helperTable.map(helper => helper.name).filter(name => name.startsWith(word));
  return { matches: [...new Set([...helpers, ...wordsOf(text, word, at)])], start: at - word.length, end: at };
}
