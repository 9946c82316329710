import { renderMarkdown, type IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import type { Presentation } from './presentation.js';

const SECOND_MS = 1000;
const pad = (value: number): string => String(value).padStart(2, '0');

/** The speaker's own window: notes of the slide, what comes next, time of day and time since the start. */
export class SpeakerWindow {
  /** Null where the browser opens no window. */
  static open(rendermime: IRenderMimeRegistry, trans: TranslationBundle): SpeakerWindow | null {
    const opened = window.open('', 'bpflab-speaker', 'popup,width=900,height=640');
    return opened === null ? null : new SpeakerWindow(opened, rendermime, trans);
  }

  private constructor(opened: Window, rendermime: IRenderMimeRegistry, trans: TranslationBundle) {
    this._window = opened;
    this._rendermime = rendermime;
    this._trans = trans;
    const { document: page } = opened;
    page.title = trans.__('Notes and Clock');
    page.documentElement.lang = document.documentElement.lang;
    // The window has JupyterLab's look: its style sheets, and the theme's variables.
    page.head.replaceChildren(
      ...[...document.querySelectorAll('style, link[rel="stylesheet"]')].map(node => page.importNode(node, true))
    );
    for (const { name, value } of [...document.body.attributes].filter(({ name }) => name.startsWith('data-jp-'))) {
      page.body.setAttribute(name, value);
    }
    page.body.className = 'jp-BpflabSpeaker jp-ThemedContainer';
    this._place = element('strong', {});
    this._clock = element('span', { role: 'timer' });
    this._notes = element('div', { class: 'jp-BpflabSpeaker-notes' });
    this._next = element('p', { class: 'jp-BpflabSpeaker-next' });
    const step = (by: number) => (): void => this._presentation?.move(by);
    const bar = element(
      'div',
      { class: 'jp-BpflabSpeaker-bar' },
      button({ label: trans.__('Previous Slide'), text: '‹', onClick: step(-1) }),
      this._place,
      button({ label: trans.__('Next Slide'), text: '›', onClick: step(1) }),
      this._clock
    );
    page.body.replaceChildren(bar, this._notes, this._next);
    this._timer = window.setInterval(() => this._tick(), SECOND_MS);
    this._tick();
  }

  /** Whether the window is there. */
  get isOpen(): boolean {
    return !this._window.closed;
  }

  /** Shows the notes of the slide that is shown. */
  show(presentation: Presentation): void {
    this._presentation = presentation;
    const { slide, slides } = presentation.place;
    this._place.textContent = `${slide} / ${slides}`;
    const notes = presentation.notes.join('\n\n');
    this._notes.replaceChildren();
    if (notes === '') {
      this._notes.textContent = this._trans.__('No notes for this slide.');
    } else {
      const { sanitizer, linkHandler, resolver, latexTypesetter, markdownParser } = this._rendermime;
      void renderMarkdown({
        host: this._notes,
        source: notes,
        trusted: false,
        shouldTypeset: false,
        sanitizer,
        linkHandler,
        resolver,
        latexTypesetter,
        markdownParser
      });
    }
    const { next } = presentation;
    this._next.textContent = next === '' ? this._trans.__('This is the last slide.') : this._trans.__('Next: %1', next);
  }

  close(): void {
    window.clearInterval(this._timer);
    this._window.close();
  }

  focus(): void {
    this._window.focus();
  }

  private _tick(): void {
    const now = new Date();
    const seconds = Math.floor((performance.now() - this._startedMs) / SECOND_MS);
    const since = `${Math.floor(seconds / 60)}:${pad(seconds % 60)}`;
    this._clock.textContent = `${pad(now.getHours())}:${pad(now.getMinutes())} · ${since}`;
  }

  private readonly _window: Window;
  private readonly _rendermime: IRenderMimeRegistry;
  private readonly _trans: TranslationBundle;
  private readonly _place: HTMLElement;
  private readonly _clock: HTMLElement;
  private readonly _notes: HTMLElement;
  private readonly _next: HTMLElement;
  private readonly _timer: number;
  private readonly _startedMs = performance.now();
  private _presentation: Presentation | null = null;
}
