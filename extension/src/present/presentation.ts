import type { TranslationBundle } from '@jupyterlab/translation';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Panel, Widget, type BoxLayout } from '@lumino/widgets';
import { slidesOf, slideType, type Slide } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';

/** Keys that move, by steps; a clicker sends Page Up and Page Down. */
const KEYS: Record<string, number> = {
  ArrowRight: 1,
  PageDown: 1,
  ArrowLeft: -1,
  PageUp: -1,
  Home: -Infinity,
  End: Infinity
};
/** Where keys belong to what has the focus: text fields, tables and pictures of a view. */
const OWN_KEYS = 'input, textarea, select, [contenteditable="true"], .jp-OutputArea, .jp-mod-editMode';
const HIDDEN = 'jp-mod-bpflabOffSlide';

/** Where a presentation is: a slide, and how many of its steps are shown. */
interface IPlace {
  slide: number;
  step: number;
}

/** What a presentation needs. */
export interface IPresentationOptions {
  panel: NotebookPanel;
  trans: TranslationBundle;
  /** Called once, when the presentation is over. */
  onEnd: () => void;
  /** Opens the speaker's window. */
  onSpeaker: () => void;
  /** Called at the start and after every move. */
  onMove: (presentation: Presentation) => void;
}

/** A notebook as slides over the whole window: the notebook's own cells, so that they run and their views live. */
export class Presentation implements IDisposable {
  constructor(options: IPresentationOptions) {
    this._options = options;
    const { panel, trans } = options;
    this._place = element('span', { class: 'jp-BpflabPresentation-place', role: 'status' });
    const bar = element(
      'div',
      { class: 'jp-BpflabPresentation-bar', role: 'toolbar', 'aria-label': trans.__('Presentation') },
      button({ label: trans.__('Previous Slide'), text: '‹', onClick: () => this.move(-1) }),
      this._place,
      button({ label: trans.__('Next Slide'), text: '›', onClick: () => this.move(1) }),
      button({ label: trans.__('Notes and Clock'), text: trans.__('Notes and Clock'), onClick: options.onSpeaker }),
      button({ label: trans.__('End Presentation'), text: trans.__('End'), onClick: () => this.dispose() })
    );
    this._screen = new Panel();
    this._screen.addClass('jp-BpflabPresentation');
    const { content } = panel;
    this._layout = panel.layout as BoxLayout;
    this._index = this._layout.widgets.indexOf(content);
    this._config = content.notebookConfig;
    // Cells that are not in the page cannot be shown by a class.
    content.notebookConfig = { ...this._config, windowingMode: 'none' };
    this._screen.addWidget(content);
    this._screen.addWidget(new Widget({ node: bar }));
    Widget.attach(this._screen, document.body);
    content.activeCellChanged.connect(this._onActiveCell, this);
    content.model?.cells.changed.connect(this._show, this);
    panel.disposed.connect(this.dispose, this);
    window.addEventListener('keydown', this._onKey, true);
    this._at = { slide: this._slideOf(content.activeCellIndex), step: 0 };
    this._show();
    content.activate();
  }

  /** Whether it is over. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** 1-based number of the slide, and how many there are. */
  get place(): { slide: number; slides: number } {
    return { slide: this._at.slide + 1, slides: this._slides().length };
  }

  /** Markdown that the speaker has noted for this slide. */
  get notes(): string[] {
    return this._textOf(this._slides()[this._at.slide]?.notes ?? []);
  }

  /** First line of the slide that comes next; empty at the end. */
  get next(): string {
    const next = this._slides()[this._at.slide + 1];
    const [text = ''] = this._textOf(next?.cells.slice(0, 1).map(({ index }) => index) ?? []);
    return (text.split('\n')[0] ?? '').replace(/^#+\s*/, '');
  }

  /** A step on or back; infinite: to the first or the last slide. */
  move(steps: number): void {
    this._at = this._placeAfter(steps);
    this._show();
    const { content } = this._options.panel;
    const shown = this._visible();
    const first = shown.find(index => content.widgets[index]?.model.type === 'code') ?? shown[0];
    content.mode = 'command';
    content.activeCellIndex = first ?? content.activeCellIndex;
    content.activate();
    content.node.scrollTop = 0;
  }

  /** Puts the notebook back to its place. */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.removeEventListener('keydown', this._onKey, true);
    const { panel, onEnd } = this._options;
    const { content } = panel;
    panel.disposed.disconnect(this.dispose, this);
    if (!panel.isDisposed) {
      content.activeCellChanged.disconnect(this._onActiveCell, this);
      content.model?.cells.changed.disconnect(this._show, this);
      for (const cell of content.widgets) {
        cell.removeClass(HIDDEN);
      }
      this._layout.insertWidget(this._index, content);
      content.notebookConfig = this._config;
      content.activate();
    }
    this._screen.dispose();
    onEnd();
  }

  private _slides(): Slide[] {
    const cells = this._options.panel.content.widgets.map(({ model }) => ({
      type: model.type,
      source: model.sharedModel.source,
      slide: slideType(model.sharedModel.metadata)
    }));
    return slidesOf(cells);
  }

  private _slideOf(cell: number): number {
    const found = this._slides().findIndex(({ cells }) => cells.some(({ index }) => index === cell));
    return Math.max(0, found);
  }

  private _placeAfter(steps: number): IPlace {
    const slides = this._slides();
    const { slide, step } = this._at;
    const stepsOf = (number: number): number => slides[number]?.steps ?? 0;
    const wanted = step + steps;
    if (Number.isFinite(steps) && wanted >= 0 && wanted <= stepsOf(slide)) {
      return { slide, step: wanted };
    }
    const to = Math.min(Math.max(slide + steps, 0), Math.max(0, slides.length - 1));
    if (to === slide) {
      return this._at;
    }
    // Back: to a slide that was shown whole.
    return { slide: to, step: steps === -1 ? stepsOf(to) : 0 };
  }

  private _visible(): number[] {
    const { slide, step } = this._at;
    const cells = this._slides()[slide]?.cells ?? [];
    return cells.filter(cell => cell.step <= step).map(({ index }) => index);
  }

  private _textOf(cells: readonly number[]): string[] {
    const { widgets } = this._options.panel.content;
    return cells.map(index => widgets[index]?.model.sharedModel.source ?? '');
  }

  private _show(): void {
    const shown = new Set(this._visible());
    for (const [index, cell] of this._options.panel.content.widgets.entries()) {
      cell.toggleClass(HIDDEN, !shown.has(index));
    }
    const { slide, slides } = this.place;
    this._place.textContent = `${slide} / ${slides}`;
    this._options.onMove(this);
  }

  /** Shift-Enter at the end of a slide goes to the next cell, which is not to be seen yet. */
  private _onActiveCell(): void {
    const { content } = this._options.panel;
    const shown = this._visible();
    const last = shown[shown.length - 1];
    if (last !== undefined && !shown.includes(content.activeCellIndex)) {
      content.activeCellIndex = last;
    }
  }

  /** Before JupyterLab's own keys, which move between cells. */
  private readonly _onKey = (event: KeyboardEvent): void => {
    const target = event.target as Element | null;
    const isOurs = target === null || !this._hasOwnKeys(target);
    const step = event.ctrlKey || event.altKey || event.metaKey || event.shiftKey ? undefined : KEYS[event.key];
    if (!isOurs || (step === undefined && event.key !== 'Escape')) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (step === undefined) {
      this.dispose();
    } else {
      this.move(step);
    }
  };

  private _hasOwnKeys(target: Element): boolean {
    return target.closest(OWN_KEYS) !== null || target.closest('.jp-Dialog, .lm-Menu, .jp-Completer') !== null;
  }

  private readonly _options: IPresentationOptions;
  private readonly _screen: Panel;
  private readonly _layout: BoxLayout;
  private readonly _index: number;
  private readonly _config: NotebookPanel['content']['notebookConfig'];
  private readonly _place: HTMLElement;
  private _at: IPlace;
  private _isDisposed = false;
}
