import type { TranslationBundle } from '@jupyterlab/translation';
import { inLanguage, valueWords, variablesAt, type ProgramTrace, type VerifierState } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';

/** One place before and after an instruction. */
interface IPlace {
  place: string;
  before: string | undefined;
  after: string | undefined;
}

const orderOf = (place: string): number =>
  place.startsWith('R') ? Number(place.slice(1)) : 100 - Number(place.replace(/^fp/, '') || '0');

function places(before: VerifierState, after: VerifierState): IPlace[] {
  const [old, now] = [before.frames[after.frame], after.frames[after.frame]];
  const names = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]);
  names.delete('R10');
  names.delete('refs');
  return [...names]
    .sort((a, b) => orderOf(a) - orderOf(b))
    .map(place => ({ place, before: old?.get(place), after: now?.get(place) }));
}

/** Registers and stack behind an instruction, in C names and in words; what the instruction changed is marked. */
export function stateTable(
  state: { before: VerifierState; after: VerifierState; insn: number },
  context: { trace: ProgramTrace; trans: TranslationBundle; language: string }
): HTMLTableElement {
  const { trace, trans, language } = context;
  const rows = places(state.before, state.after).map(({ place, before, after }) => {
    // A variable's place may begin only behind the instruction that makes it.
    const variables = [0, 1].flatMap(more => variablesAt(trace, state.insn + more, place));
    const names = [...new Set(variables.map(variable => variable.name))].join(', ');
    const isGone = after === undefined;
    const value = after ?? before ?? '';
    const words = isGone ? trans.__('nothing any more') : inLanguage(valueWords(value), language);
    return element(
      'tr',
      { class: before === after ? '' : 'jp-mod-changed' },
      element('td', { class: 'jp-BpflabSteps-name', title: variables.at(-1)?.type ?? '' }, names),
      element('td', { class: 'jp-BpflabSteps-place' }, place),
      element('td', {}, words),
      element('td', { class: 'jp-BpflabSteps-raw' }, isGone ? '' : value)
    );
  });
  const heads = [
    trans.__('Variable'),
    trans.__('Place'),
    trans.__('What it holds'),
    trans.__('In the verifier’s words')
  ];
  return element(
    'table',
    { class: 'jp-BpflabSteps-state', 'aria-label': trans.__('Registers and stack') },
    element('thead', {}, element('tr', {}, ...heads.map(head => element('th', { scope: 'col' }, head)))),
    element('tbody', {}, ...rows)
  );
}
