import type { TranslationBundle } from '@jupyterlab/translation';
import type { TeamState } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';

/** Ticks of an instructor; they outlive a new drawing of the table. */
export interface ITableTicks {
  labs: Set<string>;
  people: Set<string>;
}

/** Labs × people, those who need help first. `ticks`: rows and columns can be chosen; null: they cannot. Null: there is nothing. */
export function teamTable(state: TeamState, trans: TranslationBundle, ticks: ITableTicks | null): HTMLElement | null {
  const labs = [...new Set(state.people.flatMap(person => person.labs.map(lab => lab.lab)))].sort();
  if (labs.length === 0) {
    return null;
  }
  const head = element('tr', {}, element('th', { scope: 'col' }, trans.__('Lesson')));
  head.append(
    ...state.people.map(({ person, quiet }) => {
      const text = quiet ? trans.__('%1 (no update this week)', person) : person;
      return element('th', { scope: 'col' }, ...ticked(person, text, ticks?.people));
    })
  );
  const rows = labs.map(lab => {
    const row = element('tr', {}, element('th', { scope: 'row' }, ...ticked(lab, lab, ticks?.labs)));
    row.append(
      ...state.people.map(({ labs: own }) =>
        cell(
          own.find(entry => entry.lab === lab),
          trans
        )
      )
    );
    return row;
  });
  return element(
    'div',
    { class: 'jp-BpflabTeam-scroll', tabindex: 0, role: 'group', 'aria-label': trans.__('Progress of the team') },
    element('table', { class: 'jp-BpflabTeam-table' }, element('thead', {}, head), element('tbody', {}, ...rows))
  );
}

function cell(one: TeamState['people'][number]['labs'][number] | undefined, trans: TranslationBundle): HTMLElement {
  if (one === undefined) {
    return element('td');
  }
  const mark = one.state === 'done' ? '✓ ' : one.stuck ? '⚠ ' : '';
  const time = trans.__('%1 minutes, %2 attempts', one.minutes, one.attempts);
  const title = one.stuck ? `${trans.__('Stuck')}: ${time}` : time;
  const attributes = { title, 'aria-label': `${one.passed}/${one.steps}, ${title}` };
  return element('td', attributes, `${mark}${one.passed}/${one.steps}`);
}

/** The text, behind a tick box where rows and columns can be chosen. */
function ticked(name: string, text: string, chosen: Set<string> | undefined): (HTMLElement | string)[] {
  if (chosen === undefined) {
    return [text];
  }
  const box = element('input', {
    type: 'checkbox',
    checked: chosen.has(name),
    change: () => void (box.checked ? chosen.add(name) : chosen.delete(name))
  });
  return [element('label', {}, box, text)];
}
