import { LabError } from '../../protocol/index.js';
import type { CellSpec, CellStdin, InvalidCell, LineMagic, RunOptions } from './cell-spec.js';
import { closestName } from './closest-name.js';
import { CELL_NAME, defaultName } from './default-name.js';
import { insnProgramTypes } from './insn-loader.js';
import { findMagic, magicTable, type MagicSpec } from './magic.table.js';
import { optionError, parseWords, type ParsedWords } from './parse-words.js';
import { readRepeat, readRunOptions, readTimeout } from './run-options.js';
import { sessionPath } from './session-path.js';
import { splitWords } from './split-words.js';

/** Longest cell, in UTF-16 units. */
const MAX_CELL_LENGTH = 1024 * 1024;

const MAGIC_LINE = /^\s*(%%?)([A-Za-z_]\w*)(\?{0,2})(?:\s+(.*))?$/;
const ASKING_LINE = /^\s*\?\s*(%%?)?([A-Za-z_]\w*)\s*$/;

const DIRECTIVE = /^#\s*(include|define|undef|if|ifdef|ifndef|else|elif|endif|error|warning|pragma|line)\b/;

interface MagicWords {
  scope: 'cell' | 'line';
  name: string;
  rest: string;
  help: boolean;
}

function readMagicLine(line: string): MagicWords | null {
  const asking = ASKING_LINE.exec(line);
  if (asking) {
    const name = asking[2] ?? '';
    const scope = asking[1] === '%%' || (!asking[1] && findMagic('cell', name)) ? 'cell' : 'line';
    return { scope, name, rest: '', help: true };
  }
  const match = MAGIC_LINE.exec(line);
  if (!match) return null;
  return {
    scope: match[1] === '%%' ? 'cell' : 'line',
    name: match[2] ?? '',
    rest: match[4] ?? '',
    help: match[3] !== ''
  };
}

function unknownMagic(words: MagicWords): LabError {
  const prefix = words.scope === 'cell' ? '%%' : '%';
  const other = words.scope === 'cell' ? 'line' : 'cell';
  if (findMagic(other, words.name)) {
    const right = other === 'cell' ? '%%' : '%';
    return new LabError('BPFLAB_CELL_MAGIC_UNKNOWN', `"${prefix}${words.name}" is written "${right}${words.name}".`);
  }
  const names = magicTable.filter(magic => magic.scope === words.scope).map(magic => magic.name);
  const near = closestName(words.name, names);
  const guess = near ? `; is it "${prefix}${near}"` : '';
  return new LabError('BPFLAB_CELL_MAGIC_UNKNOWN', `There is no magic "${prefix}${words.name}"${guess}.`);
}

function splitRest(magic: MagicSpec, rest: string): string[] {
  const split = splitWords(rest);
  if (!split.ok) throw optionError(magic, split.message);
  return split.words.map(word => word.text);
}

/**
 * Index of the first line that says what the cell is: after blank lines and comments. A line that starts with # and is no
 * preprocessor directive counts as a comment only when a magic follows. -1: nothing but blanks and comments.
 */
function firstLine(lines: readonly string[]): number {
  let inBlock = false;
  for (const [index, raw] of lines.entries()) {
    let line = raw.trim();
    if (inBlock) {
      const end = line.indexOf('*/');
      if (end < 0) continue;
      inBlock = false;
      line = line.slice(end + 2).trim();
    }
    while (line.startsWith('/*')) {
      const end = line.indexOf('*/', 2);
      inBlock = end < 0;
      line = inBlock ? '' : line.slice(end + 2).trim();
    }
    if (line === '' || line.startsWith('//') || (line.startsWith('#') && !DIRECTIVE.test(line))) continue;
    return index;
  }
  return -1;
}

function cellName(magic: MagicSpec, words: ParsedWords, fallback: () => string): string {
  const name = words.positional[0];
  if (name === undefined) return fallback();
  if (!CELL_NAME.test(name))
    throw optionError(magic, `the name "${name}" must be letters, digits and _, no digit first`);
  return name;
}

function cellStdin(magic: MagicSpec, words: ParsedWords): CellStdin | null {
  const lines = words.options.get('stdin');
  const path = words.options.get('stdin-file')?.[0];
  if (lines && path !== undefined)
    throw optionError(magic, 'either "--stdin" or "--stdin-file" can be given, not both');
  if (lines) return { kind: 'text', text: lines.map(line => `${line}\n`).join('') };
  return path === undefined ? null : { kind: 'file', path: sessionPath(path) };
}

/** `.` and the empty text are the notebook's own folder. */
const makeFolder = (path: string): string => (/^(\.\/?)*$/.test(path) ? '' : sessionPath(path));

function parseCellMagic(words: MagicWords, body: string, bodyLine: number): CellSpec {
  const magic = findMagic('cell', words.name);
  if (!magic) throw unknownMagic(words);
  if (words.help) return { kind: 'help', magic: `%%${magic.name}` };
  // Its options are kubectl's own.
  if (magic.name === 'kubectl') return { kind: 'kubectl', words: splitRest(magic, words.rest), body, bodyLine };
  const parsed = parseWords(magic, splitRest(magic, words.rest));
  if (parsed.help) return { kind: 'help', magic: `%%${magic.name}` };
  if (magic.name === 'file') return { kind: 'file', path: sessionPath(parsed.positional[0] ?? ''), body, bodyLine };
  if (magic.name === 'deploy') {
    const timeoutMs = readTimeout(magic, parsed.options.get('timeout')?.[0]);
    return { kind: 'deploy', name: cellName(magic, parsed, () => 'deploy'), timeoutMs, body, bodyLine };
  }
  const options = readRunOptions(magic, parsed);
  if (magic.name === 'testrun') {
    const repeat = readRepeat(magic, parsed.options.get('repeat')?.[0]);
    return { kind: 'testrun', program: parsed.positional[0] ?? '', repeat, target: options.target, body, bodyLine };
  }
  return runningCell(magic, parsed, { body, bodyLine, options });
}

/** A cell that starts a run. */
function runningCell(
  magic: MagicSpec,
  words: ParsedWords,
  text: { body: string; bodyLine: number; options: RunOptions }
): CellSpec {
  const background = words.options.has('bg');
  const { args } = words;
  switch (magic.name) {
    case 'bpf':
      return { kind: 'bpf', name: cellName(magic, words, () => defaultName(text.body)), ...text };
    case 'user': {
      const name = cellName(magic, words, () => 'user');
      return { kind: 'user', name, args, ...text, background, stdin: cellStdin(magic, words) };
    }
    case 'make': {
      const folder = makeFolder(words.positional[0] ?? '');
      return { kind: 'make', folder, goals: args, ...text, background, stdin: cellStdin(magic, words) };
    }
    case 'bcc':
      return { kind: 'bcc', args, ...text, background, stdin: cellStdin(magic, words) };
    case 'insn':
      return insnCell(magic, words, text);
    case 'sh':
      return { kind: 'sh', ...text, background, stdin: cellStdin(magic, words) };
    default:
      return { kind: 'bpftrace', name: cellName(magic, words, () => 'bpftrace'), args, ...text };
  }
}

function insnCell(
  magic: MagicSpec,
  words: ParsedWords,
  { body, bodyLine, options }: { body: string; bodyLine: number; options: RunOptions }
): CellSpec {
  const type = words.options.get('type')?.[0] ?? 'socket_filter';
  if (!(type in insnProgramTypes))
    throw optionError(magic, `"--type" is one of ${Object.keys(insnProgramTypes).join(', ')}, not "${type}"`);
  const license = words.options.get('license')?.[0] ?? 'GPL';
  const name = cellName(magic, words, () => 'insn');
  return { kind: 'insn', name, type, license, target: options.target, body, bodyLine };
}

function parseLineMagic(text: string, line: number): LineMagic {
  const words = readMagicLine(text);
  if (!words)
    throw new LabError(
      'BPFLAB_CELL_MAGIC_UNKNOWN',
      `Line ${line} is no magic: "${text.trim().slice(0, 60)}". Line magics stand in a cell of their own.`
    );
  if (words.scope === 'cell' && findMagic('cell', words.name) && !words.help)
    throw new LabError(
      'BPFLAB_CELL_MAGIC_UNKNOWN',
      `"%%${words.name}" on line ${line} must be the first line of a cell.`
    );
  const magic = findMagic(words.scope, words.name);
  if (!magic) throw unknownMagic(words);
  if (words.help) return { name: magic.name, args: [], line, help: true };
  const args = splitRest(magic, words.rest);
  const parsed = parseWords(magic, args);
  return { name: magic.name, args: parsed.help ? [] : args, line, help: parsed.help };
}

function parseLines(lines: readonly string[], first: number): { spec: CellSpec } | { error: LabError; line: number } {
  const magics: LineMagic[] = [];
  for (let index = first; index < lines.length; index++) {
    const text = lines[index] ?? '';
    if (/^\s*(#|\/\/|$)/.test(text)) continue;
    try {
      magics.push(parseLineMagic(text, index + 1));
    } catch (error) {
      if (error instanceof LabError) return { error, line: index + 1 };
      throw error;
    }
  }
  const only = magics[0];
  if (magics.length === 1 && only?.help) return { spec: { kind: 'help', magic: `%${only.name}` } };
  return { spec: { kind: 'lines', magics } };
}

const invalid = (error: LabError, line: number): InvalidCell => ({ kind: 'invalid', error, line });

/**
 * Reads a cell. Magics follow IPython: `%%name` on the first line that is neither blank nor a comment makes the whole cell
 * that kind; `%name` lines make a cell of line magics; everything else is a BPF program in C. Nothing is looked up outside
 * the text, and no text makes it throw: what is wrong comes back as `invalid` with a LabError
 * (BPFLAB_CELL_MAGIC_UNKNOWN, BPFLAB_CELL_OPTION, BPFLAB_CELL_TOO_LARGE, BPFLAB_FILE_PATH) and the line of the cell.
 */
export function parseCell(text: string): CellSpec | InvalidCell {
  if (text.length > MAX_CELL_LENGTH) {
    const size = (text.length / MAX_CELL_LENGTH).toFixed(1);
    return invalid(new LabError('BPFLAB_CELL_TOO_LARGE', `The cell has ${size} MiB of text; 1 MiB is the most.`), 1);
  }
  const lines = text.split(/\r\n|\n|\r/);
  const first = firstLine(lines);
  if (first < 0) return { kind: 'empty' };
  const words = readMagicLine(lines[first] ?? '');
  if (!words) return parsePlain(text, lines[first] ?? '', first);
  if (words.scope === 'line') {
    const parsed = parseLines(lines, first);
    return 'spec' in parsed ? parsed.spec : invalid(parsed.error, parsed.line);
  }
  try {
    return parseCellMagic(words, lines.slice(first + 1).join('\n'), first + 2);
  } catch (error) {
    if (error instanceof LabError) return invalid(error, first + 1);
    throw error;
  }
}

function parsePlain(text: string, line: string, first: number): CellSpec | InvalidCell {
  if (/^\s*%/.test(line)) {
    const word = line.trim().split(/\s/)[0] ?? '';
    return invalid(new LabError('BPFLAB_CELL_MAGIC_UNKNOWN', `"${word.slice(0, 40)}" is no magic.`), first + 1);
  }
  const magic = findMagic('cell', 'bpf') as MagicSpec;
  const options = readRunOptions(magic, parseWords(magic, []));
  return { kind: 'bpf', name: defaultName(text), body: text, bodyLine: 1, options };
}
