import { errorTable, type ErrorCode } from './error-table.js';
import { agentTexts, filterTexts, noteTexts, refusalTexts, runTexts } from './gateway-text.table.js';
import { hintsZh } from './hint-zh.table.js';
import { preflightTexts } from './preflight-text.table.js';

/** A text of the table: what the English one looks like, and the Chinese one with the same `%1`. */
interface TextPattern {
  english: RegExp;
  chinese: string;
}

/** Values are rarely texts of the table themselves, and then of a cause. */
const MAX_DEPTH = 2;
const PLACEHOLDER = /%(\d)/g;

let known: { whole: Map<string, string>; patterns: TextPattern[] } | null = null;

/** The tables, made ready at the first question: who reads English never asks. */
function texts(): NonNullable<typeof known> {
  if (known !== null) return known;
  const rows = `${refusalTexts}${agentTexts}${filterTexts}${runTexts}${noteTexts}${preflightTexts}`
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split(' => ') as [string, string]);
  const hints = Object.entries(errorTable).map(([code, { hint }]): [string, string] => [
    hint,
    hintsZh[code as ErrorCode] ?? hint
  ]);
  const [fixed, filled] = [rows.filter(([text]) => !isFilled(text)), rows.filter(([text]) => isFilled(text))];
  // The text that says more itself comes before the one that has more filled in.
  const own = ([text]: [string, string]): number => text.replace(PLACEHOLDER, '').length;
  known = {
    whole: new Map([...hints, ...fixed]),
    patterns: filled
      .sort((left, right) => own(right) - own(left))
      .map(([text, chinese]) => ({ english: patternOf(text), chinese }))
  };
  return known;
}

const isFilled = (text: string): boolean => text.search(PLACEHOLDER) >= 0;

function patternOf(text: string): RegExp {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(PLACEHOLDER, '(?<v$1>.*?)')}$`, 's');
}

/**
 * A sentence or remark of the gateway in the language of the page (`zh_CN`, `en`, `default` …), as the table of texts has it;
 * what is not in the table, such as the words of a program or of the kernel, stays as it is. Files and other front ends have
 * the English text, so a notebook can be read in either language.
 */
export function gatewayText(text: string, language: string): string {
  return /^zh/i.test(language) ? inChinese(text, 0) : text;
}

function inChinese(text: string, depth: number): string {
  const { whole, patterns } = texts();
  const chinese = whole.get(text);
  if (chinese !== undefined || depth > MAX_DEPTH) return chinese ?? text;
  for (const pattern of patterns) {
    const values = pattern.english.exec(text)?.groups;
    if (values)
      return pattern.chinese.replace(PLACEHOLDER, (_, name) => inChinese(values[`v${name}`] ?? '', depth + 1));
  }
  return text;
}
