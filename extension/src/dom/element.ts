/** Attributes of a new element: `class`, ARIA and data attributes as text, booleans as presence, `on…` as listeners. */
export type ElementAttributes = Record<string, string | number | boolean | ((event: Event) => void) | undefined>;

/**
 * Makes an element. Children are text (never markup) or nodes; null is left out.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: ElementAttributes = {},
  ...children: (Node | string | null)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      node.addEventListener(name, value);
    } else if (value === true) {
      node.setAttribute(name, '');
    } else if (value !== false && value !== undefined) {
      node.setAttribute(name, String(value));
    }
  }
  node.append(...children.filter(child => child !== null));
  return node;
}
