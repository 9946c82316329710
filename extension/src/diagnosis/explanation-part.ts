import type { TranslationBundle } from '@jupyterlab/translation';
import { inLanguage, type KnownValue, type PathStep, type RefusalExplanation } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';

/** Values that are shown at once; more are folded. */
const SHOWN_VALUES = 6;

/** What the explanation needs of its surroundings. `place`: a button that goes to a line of the cell. */
export interface IExplanationContext {
  trans: TranslationBundle;
  language: string;
  place: (line: number, file: string) => HTMLElement;
}

function valueRow(value: KnownValue, language: string): HTMLElement {
  const { name, type, place, value: raw, means, is_cause: isCause } = value;
  return element(
    'tr',
    { class: isCause ? 'jp-mod-cause' : '' },
    element('td', { class: 'jp-BpflabWhy-name', title: type }, name === '' ? place : name),
    element('td', { class: 'jp-BpflabWhy-place', title: raw }, name === '' ? '' : place),
    element('td', {}, inLanguage(means, language))
  );
}

function knownPart(known: readonly KnownValue[], { trans, language }: IExplanationContext): HTMLElement | null {
  if (known.length === 0) {
    return null;
  }
  const table = (values: readonly KnownValue[]): HTMLElement =>
    element(
      'table',
      { class: 'jp-BpflabWhy-known', 'aria-label': trans.__('What the verifier knew there') },
      element('tbody', {}, ...values.map(value => valueRow(value, language)))
    );
  const rest = known.slice(SHOWN_VALUES);
  return element(
    'section',
    {},
    element('h4', {}, trans.__('What the verifier knew there')),
    table(known.slice(0, SHOWN_VALUES)),
    rest.length === 0
      ? null
      : element('details', {}, element('summary', {}, trans.__('%1 more', String(rest.length))), table(rest))
  );
}

function pathStep(step: PathStep, { trans, language, place }: IExplanationContext): HTMLElement {
  const times = step.times > 1 ? trans.__(' (the last of %1 times)', String(step.times)) : '';
  return element(
    'li',
    {},
    step.line > 0 ? place(step.line, step.file) : null,
    step.source === '' ? null : element('code', {}, step.source),
    element('span', { class: 'jp-BpflabWhy-what' }, `${inLanguage(step.what, language)}${times}`)
  );
}

function pathPart(explanation: RefusalExplanation, context: IExplanationContext): HTMLElement | null {
  const { trans } = context;
  const { path, path_folded: folded } = explanation;
  if (path.length === 0) {
    return null;
  }
  const summary =
    folded > 0
      ? trans.__('How it came there: %1 steps, %2 before them are folded', String(path.length), String(folded))
      : trans.__('How it came there');
  return element(
    'details',
    { class: 'jp-BpflabWhy-path', open: path.length <= 4 },
    element('summary', {}, summary),
    element('ol', {}, ...path.map(step => pathStep(step, context)))
  );
}

/** A refusal in words: why, what was known, how it came there, what to write instead. */
export function explanationPart(explanation: RefusalExplanation, context: IExplanationContext): HTMLElement {
  const { trans, language } = context;
  const { title, why, write, example } = explanation;
  return element(
    'div',
    { class: 'jp-BpflabWhy' },
    element('h3', {}, inLanguage(title, language)),
    element('p', {}, inLanguage(why, language)),
    knownPart(explanation.knew, context),
    pathPart(explanation, context),
    element('h4', {}, trans.__('Write instead')),
    element('p', {}, inLanguage(write, language)),
    example === '' ? null : element('pre', { class: 'jp-BpflabWhy-example' }, example)
  );
}
