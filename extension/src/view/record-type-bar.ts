import type { TranslationBundle } from '@jupyterlab/translation';
import { element } from '../dom/element.js';
import { plainText } from '../format/plain-text.js';

/** What records may be read as. */
export interface IRecordTypeOptions {
  current: string;
  candidates: readonly string[];
  trans: TranslationBundle;
  /** Null: there is no session that could read them anew. */
  onChoose: ((type: string) => void) | null;
}

/** Says that the type of records is not certain, and lets the user choose it. */
export function recordTypeBar({ current, candidates, trans, onChoose }: IRecordTypeOptions): HTMLElement {
  const names = candidates.includes(current) ? candidates : [current, ...candidates];
  const select = element(
    'select',
    {
      class: 'jp-BpflabFilter-field',
      'aria-label': trans.__('Record type'),
      disabled: onChoose === null,
      change: () => onChoose?.(select.value)
    },
    ...names.map(name => element('option', { value: name }, plainText(name)))
  );
  select.value = current;
  const others = names.length - 1;
  return element(
    'div',
    { class: 'jp-BpflabFilter jp-BpflabRecordType' },
    element('span', {}, trans.__('Records are read as')),
    select,
    element(
      'span',
      { class: 'jp-BpflabView-facts' },
      trans._n(
        'The program does not say which; %1 other is possible.',
        'The program does not say which; %1 others are possible.',
        others
      )
    )
  );
}
