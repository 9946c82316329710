import type { TranslationBundle } from '@jupyterlab/translation';
import type { ViewBundle } from 'kernel-gateway/protocol';
import { formatCount } from '../format/quantity.js';
import type { IRowWindow } from './row-window.js';

/** Views that show no rows one by one. */
const WITHOUT_ROWS: ReadonlySet<ViewBundle['kind']> = new Set(['histogram', 'globals', 'stacks']);

/** How much a view holds, such as `3 of 64 entries · 2 shown`. */
export function factsText(
  bundle: ViewBundle,
  window: IRowWindow | null,
  { isLive, trans }: { isLive: boolean; trans: TranslationBundle }
): string {
  const total = window?.total ?? bundle.snapshot.total_rows;
  const parts = [totalText(bundle, total, trans)];
  const held = window?.matching ?? bundle.snapshot.rows.length;
  const isUnread = isLive && window !== null && window.whereError !== null;
  if (!WITHOUT_ROWS.has(bundle.kind) && String(held) !== total && !isUnread) {
    parts.push(
      isLive ? trans.__('%1 shown', formatCount(String(held))) : trans.__('%1 saved', formatCount(String(held)))
    );
  }
  return parts.join(' · ');
}

function totalText(bundle: ViewBundle, total: string, trans: TranslationBundle): string {
  const [count, text] = [Number(total), formatCount(total)];
  switch (bundle.kind) {
    case 'events':
      return trans._n('%2 event', '%2 events', count, text);
    case 'printk':
    case 'text':
      return trans._n('%2 line', '%2 lines', count, text);
    case 'globals':
      return trans._n('%2 variable', '%2 variables', count, text);
    case 'stacks':
      return trans._n('%2 entry', '%2 entries', count, text);
    case 'map':
    case 'histogram':
      return bundle.capacity === undefined
        ? trans._n('%2 entry', '%2 entries', count, text)
        : trans.__('%1 of %2 entries', text, formatCount(bundle.capacity));
  }
}
