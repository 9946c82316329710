import {
  variablesAt,
  valueWords,
  type KnownValue,
  type ProgramTrace,
  type RefusalExplanation,
  type Said,
  VerifierSteps
} from '../../protocol/index.js';
import { argumentNames } from './argument-names.table.js';
import { callExplanations } from './call-explanation.table.js';
import type { ExplanationRow } from './explanation-row.js';
import { limitExplanations } from './limit-explanation.table.js';
import { memoryExplanations } from './memory-explanation.table.js';
import type { VerifierLog } from './parse-log.js';
import { calledName, PathReader } from './path-reader.js';
import { nameOf, pathSteps } from './path-steps.js';

/** All rows; the first that fits counts. Calls come first: their reasons name stack and memory as well. */
export const explanationTable: readonly ExplanationRow[] = [
  ...limitExplanations,
  ...callExplanations,
  ...memoryExplanations
];

const other = (reason: string, hint: string): Pick<RefusalExplanation, 'title' | 'why' | 'write'> => ({
  title: { en: 'The verifier cannot prove that this is safe', zh: '验证器无法证明这里是安全的' },
  why: { en: `In the verifier's own words: ${reason}.`, zh: `验证器的原话：${reason}。` },
  write: {
    en: hint,
    zh: '请查看该行之前寄存器的状态，以及通向它的路径：找出验证器还不知道的那个事实，并在代码中写明。'
  }
});

/** What a refusal is about, found on the path that led there. */
interface Facts {
  place: string | null;
  values: Map<string, Said>;
  /** The value that was lost or is still held, empty when there is none. */
  had: string;
}

const same = (text: string): Said => ({ en: text, zh: text });

/** The register that the reason names, else the one that the instruction goes through. */
function placeOf(reason: string, text: string): string | null {
  const said = /\bR(\d{1,2})\b/.exec(reason)?.[0];
  if (said !== undefined) return said;
  const added = /^r\d+ [+-]= r(\d+)/.exec(text)?.[1];
  if (added !== undefined) return `R${added}`;
  const base = /\(r(\d) [+-]/.exec(text)?.[1];
  if (base !== undefined) return `R${base}`;
  return text === 'exit' && /Unreleased|missing|region/.test(reason) ? null : text === 'exit' ? 'R0' : null;
}

/** Name of argument `place` of the function that is called. */
function argumentName(helper: string, place: string | null): Said {
  const index = Number(/^R([1-5])$/.exec(place ?? '')?.[1] ?? '0');
  const name = argumentNames.get(helper)?.[index - 1];
  if (name !== undefined) return same(`"${name}"`);
  return index > 0 ? { en: `number ${index}`, zh: `${index}` } : { en: 'this argument', zh: '该参数' };
}

/** The value that a register had before the verifier took it away, and the call that did. */
function lostValue(reader: PathReader, place: string): { had: string; gone: string } | null {
  const last = reader.length - 1;
  const definition = reader.definition(last, place);
  const from = Math.max(0, definition);
  const had = definition < 0 ? reader.before(0, place) : reader.after(definition, place);
  if (had === null || /^P?(?:scalar|inv|-?\d)/.test(had)) return null;
  for (let at = last - 1; at > from; at--) {
    const helper = calledName(reader.step(at)?.text ?? '');
    if (/submit|discard|release|pull_data|adjust_|store_bytes|change_|_push|_pop|put/.test(helper)) {
      return { had: reader.before(at, place) ?? had, gone: helper };
    }
  }
  return null;
}

/** What is still held: the call that gave it, and the variable that has it. */
function heldObject(reader: PathReader, reason: string): { had: string; got: string; obj: string } | null {
  const insn = Number(/alloc_insn=(\d+)/.exec(reason)?.[1] ?? '-1');
  const at = reader.path.findLastIndex((_, position) => reader.step(position)?.insn === insn);
  if (at < 0) return null;
  const got = calledName(reader.step(at)?.text ?? '');
  const name = reader.nameAt(at + 1, 'R0');
  const value = reader.after(at, 'R0');
  return { had: got.startsWith('bpf_iter') ? 'iter' : (value ?? ''), got: got || 'the call', obj: name || 'e' };
}

const unknownNumber: Said = { en: 'a number, nothing known about it', zh: '数值，范围未知' };

/** Words about the place that the reason names. */
function placeWords(reader: PathReader, place: string | null): [string, Said][] {
  if (place === null)
    return [
      ['who', { en: 'the pointer', zh: '该指针' }],
      ['what', unknownNumber],
      ['reg', same('')]
    ];
  const last = reader.length - 1;
  const value = reader.before(last, place);
  return [
    ['who', same(nameOf(reader, last, place))],
    ['reg', same(place)],
    ['what', value === null ? unknownNumber : valueWords(value)],
    ['map', same(/map=([^,)]+)/.exec(value ?? '')?.[1] ?? '')]
  ];
}

/** Words about what was lost or is still held. */
function historyWords(
  reader: PathReader,
  place: string | null,
  reason: string
): { had: string; words: [string, Said][] } {
  const lost = place === null ? null : lostValue(reader, place);
  if (lost)
    return {
      had: lost.had,
      words: [
        ['had', valueWords(lost.had)],
        ['gone', same(lost.gone)]
      ]
    };
  const held = heldObject(reader, reason);
  if (held)
    return {
      had: held.had,
      words: [
        ['got', same(held.got)],
        ['obj', same(held.obj)]
      ]
    };
  const object = place === null ? same('e') : heldName(reader, place);
  return {
    had: '',
    words: [
      ['got', { en: 'a call', zh: '某个调用' }],
      ['obj', object]
    ]
  };
}

function gather(reader: PathReader, reason: string): Facts {
  const text = reader.step(reader.length - 1)?.text ?? '';
  const place = placeOf(reason, text);
  const helper = calledName(text);
  const history = historyWords(reader, place, reason);
  const values = new Map<string, Said>([
    ['helper', helper === '' ? { en: 'the function', zh: '该函数' } : same(helper)],
    ['arg', argumentName(helper, place)],
    ['caller', callerOf(reader)],
    ...placeWords(reader, place),
    ...history.words
  ]);
  return { place, values, had: history.had };
}

/** The variable that a pointer into a record was made from. */
function heldName(reader: PathReader, place: string): Said {
  const at = reader.origin(reader.length - 1, place);
  const name = at < 0 ? '' : reader.nameAt(at, place);
  return same(name || 'e');
}

/** The helper whose callback runs. */
function callerOf(reader: PathReader): Said {
  for (let at = reader.length - 1; at >= 0; at--) {
    const helper = calledName(reader.step(at)?.text ?? '');
    if (/^bpf_(?:loop|for_each_map_elem|find_vma|user_ringbuf_drain|timer_set_callback)$/.test(helper))
      return same(helper);
  }
  return { en: 'this helper', zh: '该辅助函数' };
}

/** Chinese text has a space between its own characters and Latin ones. */
const spaced = (text: string): string =>
  text.replace(/([\u4e00-\u9fff])([\w"&-])/g, '$1 $2').replace(/([\w"])([\u4e00-\u9fff])/g, '$1 $2');

function fill(text: Said, values: ReadonlyMap<string, Said>): Said {
  const one = (language: 'en' | 'zh'): string =>
    text[language].replace(/\{(\w+)\}/g, (_, name: string) => values.get(name)?.[language] ?? '?');
  return { en: one('en'), zh: spaced(one('zh')) };
}

function findRow(
  reason: string,
  had: string
): { row: ExplanationRow; groups: Record<string, string | undefined> } | null {
  for (const row of explanationTable) {
    const match = row.pattern.exec(reason);
    if (match && (!row.had || row.had.test(had))) return { row, groups: match.groups ?? {} };
  }
  return null;
}

const PLACE_ORDER = /^(R|fp)(-?\d+)$/;
const orderOf = (place: string): number => {
  const match = PLACE_ORDER.exec(place);
  return match?.[1] === 'R' ? Number(match[2]) : 100 - Number(match?.[2] ?? 0);
};

/** The cause has a name also where it is made of a variable; everything else only where it is one. */
function otherName(reader: PathReader, place: string, isCause: boolean): string {
  const last = reader.length - 1;
  const name = isCause ? nameOf(reader, last, place) : reader.nameAt(last, place);
  return name === place ? '' : name;
}

/** Registers and slots before the last step, the cause first. */
function knownValues(log: VerifierSteps, reader: PathReader, trace: ProgramTrace, place: string | null): KnownValue[] {
  const index = reader.path.at(-1) ?? -1;
  const state = log.before(index);
  const step = log.steps[index];
  const values = [...(state.frames[state.frame] ?? [])].filter(([one]) => one !== 'R10' && one !== 'refs');
  const known = values.map(([one, value]): KnownValue => {
    const variables = step ? variablesAt(trace, step.insn, one) : [];
    const name = variables.map(variable => variable.name).join(', ') || otherName(reader, one, one === place);
    const type = variables.at(-1)?.type ?? '';
    return { name, type, place: one, value, means: valueWords(value), is_cause: one === place };
  });
  return known.sort((a, b) => Number(b.is_cause) - Number(a.is_cause) || orderOf(a.place) - orderOf(b.place));
}

/** The whole reason: rows look at all of its lines. */
const reasonText = (log: VerifierLog, message: string): string =>
  log.reasonLine < 0 ? message : log.lines.slice(log.reasonLine, log.reasonEnd).join(' ');

/**
 * Puts a refusal into words: why, what was known, the path, what to write. `message` is the loader's, for a refusal without
 * a log; `hint` stands for what no row explains. `fileOf` names files as the cell knows them.
 */
export function explainRefusal(
  log: VerifierLog,
  trace: ProgramTrace,
  { message, hint, fileOf }: { message: string; hint: string; fileOf: (path: string) => string }
): RefusalExplanation {
  const steps = new VerifierSteps(log.insnLine < 0 ? [] : log.lines.slice(0, log.insnLine + 1));
  const reader = new PathReader(steps, trace, steps.steps.length - 1);
  const reason = reasonText(log, message);
  const facts = gather(reader, reason);
  const found = findRow(reason, facts.had);
  for (const [name, text] of Object.entries(found?.groups ?? {}))
    if (text !== undefined) facts.values.set(name, same(text));
  const words = found?.row ?? { ...other(reason, hint), example: '', kind: 'other' };
  const { path, folded } = pathSteps(reader, facts.place, fileOf);
  return {
    kind: words.kind,
    title: words.title,
    why: fill(words.why, facts.values),
    write: fill(words.write, facts.values),
    example: fill(same(words.example), facts.values).en,
    insn_text: reader.step(reader.length - 1)?.text ?? '',
    knew: knownValues(steps, reader, trace, facts.place),
    path,
    path_folded: folded
  };
}
