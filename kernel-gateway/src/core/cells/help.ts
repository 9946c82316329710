import { magicTable, type MagicSpec, type OptionSpec } from './magic.table.js';

const prefixed = (magic: MagicSpec): string => `${magic.scope === 'cell' ? '%%' : '%'}${magic.name}`;
const optionForm = (option: OptionSpec): string => `--${option.name}${option.value ? ` ${option.value}` : ''}`;

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(28, Math.max(...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) =>
      left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`
    )
    .join('\n');
}

/** Help of one magic, as plain text of a manual page; `name` is with or without its prefix. */
export function helpText(name: string): string {
  const bare = name.replace(/^%%?/, '');
  const magics = magicTable.filter(magic => (name.startsWith('%') ? prefixed(magic) === name : magic.name === bare));
  if (magics.length === 0) return `There is no magic "${name}".\n`;
  return magics.map(helpOf).join('\n');
}

function helpOf(magic: MagicSpec): string {
  const parts = [`${magic.usage}\n\n${magic.summary}`, ...magic.details];
  if (magic.options.length > 0) {
    const rows = magic.options.map(option => [optionForm(option), option.summary] as const);
    parts.push(`\nOptions:\n${columns(rows)}`);
  }
  return `${parts.join('\n')}\n`;
}

/** Text of `%lsmagic`: all magics with a line each. */
export function listMagics(): string {
  const rows = (scope: MagicSpec['scope']): (readonly [string, string])[] =>
    magicTable.filter(magic => magic.scope === scope).map(magic => [prefixed(magic), magic.summary] as const);
  return `Cells:\n${columns(rows('cell'))}\n\nLines:\n${columns(rows('line'))}\n\nA cell without a magic is a BPF program. NAME? shows help, for example %%bpf?.\n`;
}
