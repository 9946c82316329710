import { LabError } from '../../protocol/index.js';
import { closestName } from './closest-name.js';
import type { MagicSpec, OptionSpec } from './magic.table.js';

/** The words of one magic, sorted: values of each option in order ('' for a switch), words without option, words after `--`. */
export interface ParsedWords {
  options: Map<string, string[]>;
  positional: string[];
  args: string[];
  help: boolean;
}

const prefix = (magic: MagicSpec): string => (magic.scope === 'cell' ? '%%' : '%') + magic.name;

/** The error of a magic's words: names the magic and ends with its usage. */
export function optionError(magic: MagicSpec, cause: string): LabError {
  return new LabError('BPFLAB_CELL_OPTION', `${prefix(magic)}: ${cause}.`, { details: `usage: ${magic.usage}` });
}

function findOption(magic: MagicSpec, name: string): OptionSpec {
  const found = magic.options.find(option => option.name === name);
  if (found) return found;
  const near = closestName(
    name,
    magic.options.map(option => option.name)
  );
  throw optionError(magic, `there is no option "--${name}"${near ? `; is it "--${near}"` : ''}`);
}

function addOption(magic: MagicSpec, into: ParsedWords, option: OptionSpec, value: string): void {
  const values = into.options.get(option.name);
  if (!values) into.options.set(option.name, [value]);
  else if (option.repeatable) values.push(value);
  else throw optionError(magic, `"--${option.name}" is given twice`);
}

/** Reads `--name`, `--name value` or `--name=value` at `at`; returns the index of the next word. */
function readOption(magic: MagicSpec, words: readonly string[], at: number, into: ParsedWords): number {
  const word = words[at] ?? '';
  const equals = word.indexOf('=');
  const option = findOption(magic, word.slice(2, equals < 0 ? undefined : equals));
  if (option.value === '') {
    if (equals >= 0) throw optionError(magic, `"--${option.name}" takes no value`);
    addOption(magic, into, option, '');
    return at + 1;
  }
  const value = equals >= 0 ? word.slice(equals + 1) : words[at + 1];
  if (value === undefined || (equals < 0 && value.startsWith('--')))
    throw optionError(magic, `"--${option.name}" needs ${option.value}`);
  addOption(magic, into, option, value);
  return equals >= 0 ? at + 1 : at + 2;
}

/**
 * Sorts the words of a magic by its row of the table, GNU style: options and other words in any order, `--` ends them.
 *
 * @throws LabError BPFLAB_CELL_OPTION for an unknown or incomplete option and for too many or too few words
 */
export function parseWords(magic: MagicSpec, words: readonly string[]): ParsedWords {
  const into: ParsedWords = { options: new Map(), positional: [], args: [], help: false };
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    if (word === '--') {
      into.args.push(...words.slice(at + 1));
      break;
    }
    if (word === '--help' || word === '-h' || word === '?') {
      into.help = true;
      at++;
    } else if (word.startsWith('--')) {
      at = readOption(magic, words, at, into);
    } else {
      into.positional.push(word);
      at++;
    }
  }
  if (!into.help) checkCounts(magic, into);
  return into;
}

function checkCounts(magic: MagicSpec, words: ParsedWords): void {
  const { min, max } = magic.positional;
  if (words.positional.length > max) throw optionError(magic, `"${words.positional[max] ?? ''}" is one word too many`);
  if (words.positional.length < min) throw optionError(magic, 'a word is missing');
  if (words.args.length > 0 && !magic.passesArgs) throw optionError(magic, 'it passes no words after "--"');
}
