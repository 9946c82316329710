/** The path to a refusal as a reader of C wants it: which branches were taken, and where the value in question came from. */
import { readValue, valueWords, type PathStep, type Said } from '../../protocol/index.js';
import { calledName, type PathReader } from './path-reader.js';

const MAX_STEPS = 12;
const BRANCH = /^if ([rw])(\d+) (==|!=|>|>=|<|<=|s>|s>=|s<|s<=|&) (\S+) goto (?:pc)?([+-]\d+)/;
const opposite = new Map([
  ['==', '!='],
  ['!=', '=='],
  ['>', '<='],
  ['>=', '<'],
  ['<', '>='],
  ['<=', '>']
]);
const signs = new Map([
  ['==', '='],
  ['!=', '≠'],
  ['>=', '≥'],
  ['<=', '≤']
]);

/** A step that is told, by its position on the path. */
interface Told {
  position: number;
  what: Said;
}

const both = (text: string): Said => ({ en: text, zh: text });

const isPointer = (value: string | null): boolean =>
  value !== null && !/^P?(?:scalar|inv|-?\d|0x)/.test(value) && readValue(value).kind !== 'scalar';

function operand(reader: PathReader, position: number, text: string): string {
  const register = /^[rw](\d+)$/.exec(text)?.[1];
  if (register !== undefined) return nameOf(reader, position, `R${register}`);
  const value = text.startsWith('0x') ? BigInt.asIntN(64, BigInt(text)) : null;
  return value === null
    ? text
    : String(value >= 0x8000_0000n && value < 0x1_0000_0000n ? BigInt.asIntN(32, value) : value);
}

/** Such as `data + 14`, for what is made of a variable by one more instruction; empty for anything else. */
function sumName(reader: PathReader, definition: number): string {
  const sum = /^[rw](\d+) (\+|<<)= (\S+)$/.exec(reader.step(definition)?.text ?? '');
  const base = sum ? reader.nameAt(definition, `R${sum[1]}`) : '';
  if (!sum || base === '') return '';
  const amount = /^\d+$/.test(sum[3] ?? '') ? Number(sum[3]) : null;
  if (sum[2] === '+') return `${base} + ${amount ?? '…'}`;
  return amount === null ? '' : `${base} × ${2 ** amount}`;
}

/** C name of a place, or what called function it comes from, or the place itself. */
export function nameOf(reader: PathReader, position: number, place: string): string {
  const name = reader.nameAt(position, place);
  if (name !== '') return name;
  const definition = reader.origin(position, place);
  const sum = sumName(reader, definition);
  if (sum !== '') return sum;
  const helper = calledName(reader.step(definition)?.text ?? '');
  return helper === '' ? place : `${helper}(…)`;
}

/** A conditional jump, and what it compares. */
interface Comparison {
  position: number;
  place: string;
  sign: string;
  right: string;
  isTaken: boolean;
}

function readComparison(reader: PathReader, position: number): Comparison | null {
  const step = reader.step(position);
  const next = reader.step(position + 1);
  const match = BRANCH.exec(step?.text ?? '');
  if (!match || !step || !next) return null;
  const [, , register = '', sign = '', right = '', jump = '0'] = match;
  return { position, place: `R${register}`, sign, right, isTaken: next.insn === step.insn + 1 + Number(jump) };
}

/** What holds behind a conditional jump, in C names; null for any other instruction. */
function branchWords(reader: PathReader, position: number): Said | null {
  const found = readComparison(reader, position);
  if (!found) return null;
  const { place, sign, right, isTaken } = found;
  const left = nameOf(reader, position, place);
  if (sign === '&') return both(`(${left} & ${operand(reader, position, right)}) ${isTaken ? '≠' : '='} 0`);
  const operator = sign.replace(/^s/, '');
  const holds = isTaken ? operator : (opposite.get(operator) ?? operator);
  const isEquality = holds === '==' || holds === '!=';
  if (!isEquality || !/^(?:0x)?0$/.test(right) || !isPointer(reader.before(position, place))) {
    return both(`${left} ${signs.get(holds) ?? holds} ${operand(reader, position, right)}`);
  }
  return holds === '=='
    ? { en: `${left} is NULL`, zh: `${left} 为 NULL` }
    : { en: `${left} is not NULL`, zh: `${left} 不为 NULL` };
}

const copiedFrom = (text: string): string | undefined => /^[rw]\d+ = [rw](\d+)$/.exec(text)?.[1];
const changesItself = (text: string): boolean => /^[rw]\d+ (?:[-+*/%&|^]|<<|>>|s>>)= /.test(text);

/** Where the value in a place came from, copies and sums included. */
function valueSteps(reader: PathReader, place: string): Told[] {
  const told: Told[] = [];
  let at = reader.length - 1;
  let where = place;
  /** C name of the copy that is followed. */
  let name = '';
  for (let count = 0; count < 6; count++) {
    const definition = reader.definition(at, where);
    if (definition < 0) break;
    const text = reader.step(definition)?.text ?? '';
    const value = reader.after(definition, where);
    const copied = copiedFrom(text);
    name ||= reader.nameAt(at, where);
    if (copied === undefined && value !== null) {
      const words = valueWords(value);
      const known = name || nameOf(reader, definition + 1, where);
      told.push({ position: definition, what: { en: `${known}: ${words.en}`, zh: `${known}：${words.zh}` } });
      name = '';
    }
    if (copied === undefined && !changesItself(text)) break;
    at = definition;
    where = copied === undefined ? where : `R${copied}`;
  }
  return told;
}

/** Turns of a loop come through the same branch: the last time is told, with the number of them. */
function branches(reader: PathReader): { position: number; times: number }[] {
  const byInsn = new Map<number, { position: number; times: number }>();
  for (let position = 0; position < reader.length - 1; position++) {
    const step = reader.step(position);
    if (step?.text.startsWith('if ') !== true) continue;
    byInsn.set(step.insn, { position, times: (byInsn.get(step.insn)?.times ?? 0) + 1 });
  }
  return [...byInsn.values()];
}

/**
 * Steps of the path that led to its last instruction: every branch, and where the value of `place` came from (null: of
 * none). `fileOf` names files as the cell knows them.
 */
export function pathSteps(
  reader: PathReader,
  place: string | null,
  fileOf: (path: string) => string
): { path: PathStep[]; folded: number } {
  const values = place === null ? [] : valueSteps(reader, place).map(told => ({ ...told, times: 1 }));
  const all: { position: number; times: number; what?: Said }[] = [...values, ...branches(reader)];
  all.sort((left, right) => left.position - right.position);
  // Words cost a look at the states before them: only those that are told have them.
  const path = all.slice(-MAX_STEPS).flatMap(({ position, times, what }): PathStep[] => {
    const words = what ?? branchWords(reader, position);
    if (!words) return [];
    const line = reader.lineOf(position);
    const source = line?.text.trim() ?? '';
    const file = line ? fileOf(line.file) : '';
    return [{ insn: reader.step(position)?.insn ?? -1, line: line?.line ?? 0, file, source, what: words, times }];
  });
  return { path, folded: Math.max(0, all.length - MAX_STEPS) };
}
