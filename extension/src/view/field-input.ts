import { element } from '../dom/element.js';

/** What a value is written into. */
export interface IFieldOptions {
  label: string;
  /** Names that the value may have; then one is chosen. */
  choices?: readonly string[];
  value: string;
  /** C type, in the tooltip. */
  title?: string;
  /** Id of the element that says what is wrong. */
  errorId?: string;
}

/** A field that is written into, or chosen in. */
export type FieldElement = HTMLInputElement | HTMLSelectElement;

/** A field for one value: a list where its type has names, else a line of text. A value without a name is in the list too. */
export function fieldInput({ label, choices, value, title, errorId }: IFieldOptions): FieldElement {
  const attributes = {
    class: 'jp-BpflabFilter-field',
    'aria-label': label,
    'aria-describedby': errorId,
    title
  };
  if (choices === undefined) {
    const input = element('input', { ...attributes, type: 'text', spellcheck: 'false', autocomplete: 'off' });
    input.value = value;
    return input;
  }
  const names = choices.includes(value) || value === '' ? choices : [value, ...choices];
  const select = element('select', attributes, ...names.map(name => element('option', { value: name }, name)));
  select.value = value === '' ? (names[0] ?? '') : value;
  return select;
}

/** What to write into a field so that it is read as the text that a cell shows: with escapes it stands between quotes. */
export const editableText = (shown: string): string =>
  shown.includes('\\') ? `"${shown.replaceAll('"', '\\"')}"` : shown;
