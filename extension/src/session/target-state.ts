import type { TranslationBundle } from '@jupyterlab/translation';
import type { SessionStatus } from 'kernel-gateway/protocol';
import { endedIcon, failedIcon, liveIcon, startingIcon } from '../icons.js';
import type { IStateLook } from '../run/run-state.js';

/** Icon, word and color of a session's target. */
export function targetStateLook(state: SessionStatus['target_state'], trans: TranslationBundle): IStateLook {
  switch (state) {
    case 'none':
      return { icon: endedIcon, word: trans.__('not started'), modifier: '' };
    case 'starting':
      return { icon: startingIcon, word: trans.__('starting'), modifier: '' };
    case 'ready':
      return { icon: liveIcon, word: trans.__('ready'), modifier: 'jp-mod-good' };
    case 'lost':
      return { icon: failedIcon, word: trans.__('lost'), modifier: 'jp-mod-bad' };
  }
}

/** Runs of a session that are alive. */
export const liveRuns = (status: SessionStatus): number =>
  status.runs.filter(run => run.state === 'attached' || run.state === 'starting').length;
