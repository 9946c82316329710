import { findMagic, magicTable } from '../cells/magic.table.js';
import { plainItems, type Completion } from './completion.js';

function completeName(before: string, cursor: number): Completion | null {
  const name = /^\s*(%%?)(\w*)$/.exec(before);
  if (!name) return null;
  const [, prefix = '', word = ''] = name;
  const scopes = prefix === '%%' ? ['cell'] : ['line', 'cell'];
  const items = scopes.flatMap(scope =>
    magicTable
      .filter(magic => magic.scope === scope && magic.name.startsWith(word))
      .map(magic => ({
        text: (scope === 'cell' ? '%%' : '%') + magic.name,
        type: 'magic' as const,
        signature: magic.summary
      }))
  );
  return { items, start: cursor - word.length - prefix.length, end: cursor };
}

function completeOption(before: string, cursor: number): Completion | null {
  const words = /^\s*(%%?)(\w+)\s.*?(\S*)$/.exec(before);
  if (!words) return null;
  const [, prefix, name = '', word = ''] = words;
  const magic = findMagic(prefix === '%%' ? 'cell' : 'line', name);
  if (!magic) return null;
  const options = magic.options.map(option => `--${option.name}`);
  const matches = word === '' || word.startsWith('-') ? options.filter(option => option.startsWith(word)) : [];
  return { items: plainItems('magic', matches), start: cursor - word.length, end: cursor };
}

/** Magics and their options, when the line up to the cursor is one; `before` is that line. Null when it is none. */
export function completeMagic(before: string, cursor: number): Completion | null {
  return completeName(before, cursor) ?? completeOption(before, cursor);
}
