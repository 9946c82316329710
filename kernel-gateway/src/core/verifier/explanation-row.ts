import type { Said } from '../../protocol/index.js';

/**
 * A row of the table of explanations. In its texts `{who}` is the C name (or register) that the refusal is about, `{reg}`
 * its register, `{what}` what the verifier knew of it, `{map}` its map, `{helper}` the function that is called, `{arg}` the
 * name of that argument; groups of the pattern stand for themselves by name.
 */
export interface ExplanationRow {
  kind: string;
  /** Fits the verifier's reason. */
  pattern: RegExp;
  /** Fits the value that the register had before the verifier took it away; absent: whatever it had. */
  had?: RegExp;
  title: Said;
  why: Said;
  write: Said;
  example: string;
}

/** The texts of a row, English and Chinese side by side. */
export interface RowTexts {
  title: [en: string, zh: string];
  why: [en: string, zh: string];
  write: [en: string, zh: string];
  example?: string;
  had?: RegExp;
}

const pair = ([en, zh]: [string, string]): Said => ({ en, zh });

/** Makes a row of its texts. */
export function explanationRow(kind: string, pattern: RegExp, texts: RowTexts): ExplanationRow {
  const { title, why, write, example = '', had } = texts;
  const row = { kind, pattern, title: pair(title), why: pair(why), write: pair(write), example };
  return had ? { ...row, had } : row;
}
