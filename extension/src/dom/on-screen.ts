import type { IDisposable } from '@lumino/disposable';

/** Whether a node can be seen, so that what cannot costs nothing. False until the browser has looked. */
export class OnScreen implements IDisposable {
  /** `changed` is called with every new value of `value`, never twice with the same. */
  constructor(node: HTMLElement, changed: (isOnScreen: boolean) => void) {
    this._changed = changed;
    this._observer = new IntersectionObserver(entries => this._set(entries.at(-1)?.isIntersecting === true));
    this._observer.observe(node);
  }

  get value(): boolean {
    return this._value;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The node was taken out of the page: said at once, the browser tells it later. */
  leave(): void {
    this._set(false);
  }

  dispose(): void {
    this._isDisposed = true;
    this._observer.disconnect();
  }

  private _set(value: boolean): void {
    if (this._value !== value && !this._isDisposed) {
      this._value = value;
      this._changed(value);
    }
  }

  private readonly _observer: IntersectionObserver;
  private readonly _changed: (isOnScreen: boolean) => void;
  private _value = false;
  private _isDisposed = false;
}
