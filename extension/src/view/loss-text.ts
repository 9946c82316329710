import type { TranslationBundle } from '@jupyterlab/translation';
import type { Losses, ViewKind } from 'kernel-gateway/protocol';
import { formatCount } from '../format/quantity.js';

/** What was lost and where, for people. `isLoss` is false when it only says what is not counted. */
export interface ILossText {
  text: string;
  isLoss: boolean;
}

/** Tells every loss, and that losses are unknown where nobody counts them; null when nothing was lost. */
export function lossText(losses: Losses, kind: ViewKind, trans: TranslationBundle): ILossText | null {
  const parts: string[] = [];
  if (losses.kernel !== '0') {
    parts.push(trans.__('%1 lost in the kernel (buffer full)', formatCount(losses.kernel)));
  }
  if (losses.agent !== '0') {
    parts.push(trans.__('%1 lost on the way (reader too slow)', formatCount(losses.agent)));
  }
  const isLoss = parts.length > 0;
  if (losses.evicted !== '0') {
    parts.push(trans.__('the oldest %1 are no longer kept', formatCount(losses.evicted)));
  }
  // A map loses nothing on its way; what a program could not put into it is the program's to count.
  if (!losses.kernel_known && (kind === 'events' || kind === 'printk')) {
    parts.push(trans.__('losses in the kernel are not counted'));
  }
  return parts.length === 0 ? null : { text: parts.join(' · '), isLoss };
}
