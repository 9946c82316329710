import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { RunState } from 'kernel-gateway/protocol';
import { endedIcon, failedIcon, liveIcon, startingIcon } from '../icons.js';

/** How a state is shown: always an icon and a word, the color only helps. */
export interface IStateLook {
  icon: LabIcon;
  word: string;
  modifier: '' | 'jp-mod-good' | 'jp-mod-bad' | 'jp-mod-warn';
}

/** Icon, word and color of a run's state. */
export function runStateLook(state: RunState, trans: TranslationBundle): IStateLook {
  switch (state) {
    case 'starting':
      return { icon: startingIcon, word: trans.__('Starting'), modifier: '' };
    case 'attached':
      return { icon: liveIcon, word: trans.__('Attached'), modifier: 'jp-mod-good' };
    case 'stopped':
      return { icon: endedIcon, word: trans.__('Stopped'), modifier: '' };
    case 'failed':
      return { icon: failedIcon, word: trans.__('Failed'), modifier: 'jp-mod-bad' };
    case 'lost':
      return { icon: failedIcon, word: trans.__('Lost'), modifier: 'jp-mod-warn' };
  }
}
