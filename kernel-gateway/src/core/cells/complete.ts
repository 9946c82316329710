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

function completeMagicName(before: string, cursor: number): Completion | null {
  const name = /^\s*(%%?)(\w*)$/.exec(before);
  if (!name) return null;
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

function completeOption(before: string, cursor: number): Completion | null {
  const words = /^\s*(%%?)(\w+)\s.*?(\S*)$/.exec(before);
  if (!words) return null;
  const [, prefix, name = '', word = ''] = words;
  const magic = findMagic(prefix === '%%' ? 'cell' : 'line', name);
  if (!magic) return null;
  const options = magic.options.map(option => `--${option.name}`);
  const matches = word === '' || word.startsWith('-') ? options.filter(option => option.startsWith(word)) : [];
  return { matches, start: cursor - word.length, end: cursor };
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
  const before = text.slice(lineStart, at);
  const magic = completeMagicName(before, at) ?? completeOption(before, at);
  if (magic) return magic;
  const section = /SEC\s*\(\s*"\??([^"]*)$/.exec(before)?.[1];
  if (section !== undefined) {
    return { matches: sectionNames().filter(name => name.startsWith(section)), start: at - section.length, end: at };
  }
  const word = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? '';
  if (word.length < 2) return { matches: [], start: at, end: at };
  const helpers = helperTable.map(helper => helper.name).filter(name => name.startsWith(word));
  return { matches: [...new Set([...helpers, ...wordsOf(text, word, at)])], start: at - word.length, end: at };
}
