import type { WindowRequest } from 'kernel-gateway/protocol';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { IRowWindow } from './row-window.js';

/** Where a table or chart gets its rows from: a snapshot in the notebook, or a store of a living session. */
export interface IRowSource extends IDisposable {
  /** Whether a session answers, which can do more than filter and sort saved rows. */
  readonly isLive: boolean;
  /** The newest window, null before the first. */
  readonly window: IRowWindow | null;
  /** Emitted with every new window; the newest answers the newest request, but one that is on its way may come first. */
  readonly changed: ISignal<IRowSource, IRowWindow>;
  /** Says what to show from now on. */
  request(request: WindowRequest): void;
}
