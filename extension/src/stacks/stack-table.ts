import type { TranslationBundle } from '@jupyterlab/translation';
import type { StackProfile, StackSample } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import { formatCount, formatPercent } from '../format/quantity.js';
import { shareOf } from './flame-tree.js';

/** Rows that the table shows; the flame graph has them all. */
const MAX_ROWS = 200;

const namesOf = (profile: StackProfile, stack: StackSample): string[] =>
  stack.frames.map(number => {
    const frame = profile.frames[number];
    return frame === undefined ? '' : frame.name;
  });

/** Every stack with its count and share, the largest first; a stack from the innermost function on. */
export function stackTable(profile: StackProfile, label: string, trans: TranslationBundle): HTMLElement {
  const total = BigInt(profile.total);
  const rows = profile.stacks.slice(0, MAX_ROWS).map(stack => {
    const [leaf = '', ...callers] = namesOf(profile, stack).reverse();
    return element(
      'tr',
      {},
      element('td', { class: 'jp-mod-number' }, formatCount(stack.count)),
      element('td', { class: 'jp-mod-number' }, formatPercent(shareOf(BigInt(stack.count), total))),
      element(
        'td',
        { class: 'jp-BpflabStacks-stack' },
        element('strong', {}, leaf),
        ...callers.flatMap(name => [' ← ', name])
      )
    );
  });
  const hidden = profile.stacks.length - rows.length;
  return element(
    'div',
    { class: 'jp-BpflabStacks-scroll', tabindex: 0, role: 'group', 'aria-label': label },
    element(
      'table',
      { class: 'jp-BpflabStacks-table' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col', class: 'jp-mod-number' }, profile.unit),
          element('th', { scope: 'col', class: 'jp-mod-number' }, trans.__('Share')),
          element('th', { scope: 'col' }, trans.__('Stack'))
        )
      ),
      element('tbody', {}, ...rows)
    ),
    hidden > 0
      ? element('p', { class: 'jp-BpflabView-facts' }, trans.__('and %1 more', formatCount(String(hidden))))
      : null
  );
}

/** `main;read;vfs_read 42`: a line a stack, the outermost function first. */
export function stackText(profile: StackProfile): string {
  return profile.stacks.map(stack => `${namesOf(profile, stack).join(';')} ${stack.count}`).join('\n');
}
