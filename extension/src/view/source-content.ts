import { Widget } from '@lumino/widgets';
import type { WindowRequest } from 'kernel-gateway/protocol';
import type { IRowSource } from './row-source.js';
import type { IRowWindow } from './row-window.js';
import type { IViewContent } from './view-content.js';

/**
 * What all drawings of a view without rows to scroll do alike: one request, whose windows stop while it is paused or off the
 * screen. A subclass says what it does with them, and calls `open` when it is made.
 */
export abstract class SourceContent extends Widget implements IViewContent {
  constructor(source: IRowSource, request: Omit<WindowRequest, 'paused'>) {
    super();
    this._source = source;
    this._request = request;
  }

  set source(source: IRowSource) {
    this._source.changed.disconnect(this._onChanged, this);
    this._source = source;
    this.open();
  }

  set paused(paused: boolean) {
    this._paused = paused;
    this._ask();
  }

  set onScreen(onScreen: boolean) {
    if (this._onScreen !== onScreen) {
      this._onScreen = onScreen;
      this.onScreenChanged();
      this._ask();
    }
  }

  abstract copyText(): Promise<string>;

  override dispose(): void {
    if (!this.isDisposed) {
      this._source.changed.disconnect(this._onChanged, this);
      super.dispose();
    }
  }

  protected get isLive(): boolean {
    return this._source.isLive;
  }

  protected get isPaused(): boolean {
    return this._paused;
  }

  protected get isOnScreen(): boolean {
    return this._onScreen;
  }

  /** Asks the source for the first time. */
  protected open(): void {
    this._source.changed.connect(this._onChanged, this);
    this._ask();
    this.onSource(this._source.window);
  }

  /** Rows come from another source, which has this window already; null: none yet. */
  protected onSource(window: IRowWindow | null): void {
    if (window !== null) {
      this.onWindow(window);
    }
  }

  /** A window has come; also while paused or off the screen, when it was on its way. */
  protected abstract onWindow(window: IRowWindow): void;

  /** It came onto the screen or left it. */
  protected onScreenChanged(): void {
    // Most drawings stay as they are.
  }

  private _ask(): void {
    this._source.request({ ...this._request, paused: this._paused || !this._onScreen });
  }

  private _onChanged(_: IRowSource, window: IRowWindow): void {
    this.onWindow(window);
  }

  private readonly _request: Omit<WindowRequest, 'paused'>;
  private _source: IRowSource;
  private _paused = false;
  private _onScreen = true;
}
