import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { TeamCommand, TeamState } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';

/** Labs and people that an instructor has ticked in the team's table. */
export interface IChosen {
  labs: ReadonlySet<string>;
  people: ReadonlySet<string>;
}

/** One line for each person and lab: how they stand, so that it is seen what they would begin anew. */
function linesOf(state: TeamState, chosen: IChosen, trans: TranslationBundle): string[] {
  return state.people
    .filter(({ person }) => chosen.people.has(person))
    .flatMap(({ person, labs }) =>
      labs
        .filter(({ lab }) => chosen.labs.has(lab))
        .map(({ lab, passed, steps, minutes }) =>
          trans.__('%1: %2, %3 of %4 steps, %5 minutes', person, lab, passed, steps, minutes)
        )
    );
}

/** Shows what will happen and asks for a reason. Null: it was left, or nobody of the chosen has begun one of the labs. */
export async function askForReset(
  state: TeamState,
  chosen: IChosen,
  trans: TranslationBundle
): Promise<Extract<TeamCommand, { type: 'ask-reset' }> | null> {
  const lines = linesOf(state, chosen, trans);
  const text = element('textarea', { rows: 3, class: 'jp-mod-styled' });
  const body = new Widget();
  body.addClass('jp-BpflabNote');
  const says =
    lines.length === 0
      ? trans.__('Tick people and lessons in the table: nobody who is ticked has begun a lesson that is.')
      : trans.__(
          'They are asked in their team panel. Who agrees keeps the notebook under another name and begins with nothing passed; what was reached stays in a line of the progress file.'
        );
  body.node.append(element('p', {}, says), element('ul', {}, ...lines.map(line => element('li', {}, line))));
  if (lines.length > 0) {
    const label = element('label', { class: 'jp-BpflabNote-field' }, element('span', {}, trans.__('Why')), text);
    body.node.append(label);
  }
  const agree = Dialog.okButton({ label: trans.__('Ask Them') });
  const result = await showDialog({
    title: trans.__('Begin Lessons Anew'),
    body,
    buttons: lines.length === 0 ? [Dialog.cancelButton()] : [Dialog.cancelButton(), agree],
    ...(lines.length === 0 ? {} : { focusNodeSelector: 'textarea' })
  });
  const { labs, people } = chosen;
  return result.button.accept ? { type: 'ask-reset', labs: [...labs], people: [...people], text: text.value } : null;
}
