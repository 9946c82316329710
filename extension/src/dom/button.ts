import type { LabIcon } from '@jupyterlab/ui-components';
import { element } from './element.js';

/** What a small button shows and does. Without `text` the label is its tooltip and accessible name. */
export interface IButtonOptions {
  label: string;
  icon?: LabIcon;
  text?: string;
  caption?: string;
  /** Given: a toggle button with that state. */
  pressed?: boolean;
  onClick: () => void;
}

/** A button in JupyterLab's minimal style, with an icon, a word or both. */
export function button(options: IButtonOptions): HTMLButtonElement {
  const { label, icon, text, caption, pressed, onClick } = options;
  const isWord = text !== undefined && icon === undefined;
  return element(
    'button',
    {
      class: `jp-Button jp-mod-minimal jp-BpflabButton${isWord ? ' jp-mod-word' : ''}`,
      type: 'button',
      title: caption ?? label,
      'aria-label': text === undefined ? label : undefined,
      'aria-pressed': pressed === undefined ? undefined : String(pressed),
      click: onClick
    },
    icon ? icon.element({ tag: 'span', className: 'jp-BpflabButton-icon' }) : null,
    // An older JupyterLab may lack the icon.
    text === undefined && icon !== undefined ? null : element('span', {}, text ?? label)
  );
}

/** Sets the state of a toggle button. */
export function setPressed(node: HTMLButtonElement, pressed: boolean): void {
  node.setAttribute('aria-pressed', String(pressed));
}

/** A button that is pressed or not; `onToggle` hears of the new state. */
export function toggleButton(
  options: Omit<IButtonOptions, 'onClick'> & { pressed: boolean },
  onToggle: (pressed: boolean) => void
): HTMLButtonElement {
  const node = button({
    ...options,
    onClick: () => {
      const pressed = node.getAttribute('aria-pressed') !== 'true';
      setPressed(node, pressed);
      onToggle(pressed);
    }
  });
  return node;
}
