import { button, type IButtonOptions } from './button.js';

/** A button that opens something, and looks like a link in a text. */
export function linkButton(options: IButtonOptions & { text: string }): HTMLButtonElement {
  const node = button(options);
  node.classList.remove('jp-mod-word');
  node.classList.add('jp-BpflabLink');
  return node;
}
