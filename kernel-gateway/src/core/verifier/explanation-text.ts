import type { DiagnosisBundle, KnownValue, PathStep, RefusalExplanation } from '../../protocol/index.js';

/** Values that are told beside the cause; the rest is in the step-through view. */
const MAX_VALUES = 8;

const words = {
  en: {
    known: 'What the verifier knew there:',
    path: 'How it came there:',
    write: 'Write instead:',
    more: 'more steps before',
    line: 'line',
    insn: 'instruction'
  },
  zh: {
    known: '验证器当时所知：',
    path: '到达此处的路径：',
    write: '应改写为：',
    more: '个更早的步骤已折叠',
    line: '行',
    insn: '指令'
  }
};

function valueLine({ name, place, means, is_cause: isCause }: KnownValue, language: 'en' | 'zh'): string {
  const label = name === '' ? place : `${name} (${place})`;
  return `  ${isCause ? '>' : ' '} ${label}: ${means[language]}`;
}

const indented = (text: string): string =>
  text
    .split('\n')
    .map(line => `    ${line}`)
    .join('\n');

type Heads = (typeof words)['en'];

function stepLine(step: PathStep, language: 'en' | 'zh', heads: Heads): string {
  const file = step.file === '' ? heads.line : step.file;
  const at = step.line > 0 ? `${file} ${step.line}` : `${heads.insn} ${step.insn}`;
  const source = step.source === '' ? '' : `${step.source}  →  `;
  return `    ${at}: ${source}${step.what[language]}${step.times > 1 ? ` ×${step.times}` : ''}`;
}

function explanationLines(explanation: RefusalExplanation, language: 'en' | 'zh'): string[] {
  const heads = words[language];
  const { title, why, write, example, knew, path, path_folded: folded } = explanation;
  const values = knew.slice(0, MAX_VALUES).map(value => valueLine(value, language));
  const steps = path.map(step => stepLine(step, language, heads));
  if (folded > 0) steps.unshift(`    (${folded} ${heads.more})`);
  const [stop, space] = language === 'zh' ? ['。', ''] : ['. ', ' '];
  return [
    `${title[language]}${stop}${why[language]}`,
    ...(values.length === 0 ? [] : [heads.known, ...values]),
    ...(steps.length === 0 ? [] : [heads.path, ...steps]),
    `${heads.write}${space}${write[language]}`,
    ...(example === '' ? [] : [indented(example)])
  ];
}

/** A refusal as text for a terminal or a front end that draws none of ours. */
export function explanationText(bundle: DiagnosisBundle, language: 'en' | 'zh' = 'en'): string {
  const { explanation, items, message, source, hint } = bundle;
  const place = items[0];
  const where = place === undefined || place.line === 0 ? '' : `line ${place.line}: `;
  const head = [message, ...(source === '' ? [] : [`${where}${source}`])];
  return [...head, ...(explanation ? ['', ...explanationLines(explanation, language)] : [hint])].join('\n');
}
