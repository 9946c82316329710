import type { ISessionContext } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { SessionCommandFailure } from 'kernel-gateway/protocol';
import { LabSession } from './lab-session.js';

/** The sessions of all open notebooks; each lives as long as its notebook's session context. */
export class LabSessions {
  /** `language`: code of the page's, as Jupyter has it. */
  constructor(tracker: INotebookTracker, language: string) {
    this._tracker = tracker;
    this._language = language;
    tracker.currentChanged.connect(this._onCurrentChanged, this);
  }

  /** The session of a notebook; made when asked for the first time. */
  forContext(context: ISessionContext): LabSession {
    let session = this._sessions.get(context);
    if (session === undefined) {
      session = new LabSession(context, this._language);
      session.changed.connect(this._onSessionChanged, this);
      session.commandFailed.connect((_, failure) => this._commandFailed.emit(failure));
      this._sessions.set(context, session);
    }
    return session;
  }

  /** The session of the notebook that has or last had the focus. */
  get current(): LabSession | null {
    const panel = this._tracker.currentWidget;
    return panel === null ? null : this.forContext(panel.sessionContext);
  }

  /** The notebook that has or last had the focus. */
  get currentPanel(): NotebookPanel | null {
    return this._tracker.currentWidget;
  }

  /** Emitted when another notebook gets the focus, and when the current one's session changes. */
  get currentChanged(): ISignal<this, void> {
    return this._currentChanged;
  }

  /** Emitted when a command to any session could not be done. */
  get commandFailed(): ISignal<this, SessionCommandFailure> {
    return this._commandFailed;
  }

  private _onCurrentChanged(): void {
    this._currentChanged.emit();
  }

  private _onSessionChanged(session: LabSession): void {
    if (session === this.current) {
      this._currentChanged.emit();
    }
  }

  private readonly _tracker: INotebookTracker;
  private readonly _language: string;
  private readonly _sessions = new WeakMap<ISessionContext, LabSession>();
  private readonly _currentChanged = new Signal<this, void>(this);
  private readonly _commandFailed = new Signal<this, SessionCommandFailure>(this);
}
