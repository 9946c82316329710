import type { TranslationBundle } from '@jupyterlab/translation';
import type { SessionStatus } from 'kernel-gateway/protocol';
import { endedIcon, failedIcon, liveIcon, startingIcon } from '../icons.js';
import type { IStateLook } from '../run/run-state.js';
import type { LabSession } from './lab-session.js';

/** Icon, word and color of a session's target; `status` null: none yet. */
export function targetStateLook({ status, isConnected }: LabSession, trans: TranslationBundle): IStateLook {
  if (status !== null && !isConnected) {
    return { icon: endedIcon, word: trans.__('not connected'), modifier: '' };
  }
  switch (status?.target_state ?? 'none') {
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
