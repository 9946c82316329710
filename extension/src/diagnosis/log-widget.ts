import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { Message } from '@lumino/messaging';
import { element } from '../dom/element.js';
import { ROW_PX } from '../view/grid-table.js';
import { scrollLayout } from '../view/scroll-geometry.js';

const VISIBLE_LINES = 20;
const OVERSCAN_LINES = 10;

/** Lines of a verifier log to mark, by index; -1 marks none. */
export interface ILogMarks {
  reason: number;
  source: number;
}

/** A log of any length, of which only the lines in view exist. Opens with the reason in view. */
export class LogWidget extends Widget {
  constructor(lines: readonly string[], marks: ILogMarks, trans: TranslationBundle) {
    super();
    this.addClass('jp-BpflabLog');
    this._lines = lines;
    this._marks = marks;
    this._content = element('div', { class: 'jp-BpflabLog-content' });
    this._scroll = element(
      'div',
      {
        class: 'jp-BpflabLog-scroll',
        tabindex: 0,
        role: 'region',
        'aria-label': trans.__('Verifier log'),
        'data-lm-suppress-shortcuts': 'true'
      },
      this._content
    );
    this._scroll.style.height = `${Math.min(lines.length, VISIBLE_LINES) * ROW_PX + 1}px`;
    const chars = lines.reduce((most, line) => Math.max(most, line.length), 0);
    this._content.style.minWidth = `calc(${chars + String(lines.length).length + 3}ch + 16px)`;
    this._scroll.addEventListener('scroll', () => this._draw(), { passive: true });
    this.node.append(this._scroll);
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    // Drawn first: only then is there something to scroll.
    this._draw();
    const target = this._marks.source >= 0 ? this._marks.source : this._marks.reason;
    if (target >= 0 && !this._wasShown) {
      // The line before it says where the statement begins; both are seen.
      this._scroll.scrollTop = Math.max(0, (target - 2) * ROW_PX);
    }
    this._wasShown = true;
    this._draw();
  }

  private _draw(): void {
    const layout = scrollLayout(
      {
        totalRows: this._lines.length,
        rowPx: ROW_PX,
        viewPx: this._scroll.clientHeight || VISIBLE_LINES * ROW_PX,
        scrollTopPx: this._scroll.scrollTop
      },
      OVERSCAN_LINES
    );
    const numberChars = String(this._lines.length).length;
    const nodes = this._lines.slice(layout.first, layout.first + layout.count).map((line, position) => {
      const index = layout.first + position;
      const modifier =
        index === this._marks.reason ? ' jp-mod-reason' : index === this._marks.source ? ' jp-mod-source' : '';
      const kind = line.startsWith(';') ? ' jp-mod-comment' : '';
      const number = element('span', { class: 'jp-BpflabLog-number', 'aria-hidden': 'true' }, String(index + 1));
      number.style.width = `${numberChars}ch`;
      return element('div', { class: `jp-BpflabLog-line${modifier}${kind}` }, number, line);
    });
    this._content.style.paddingTop = `${layout.abovePx}px`;
    this._content.style.paddingBottom = `${layout.belowPx}px`;
    this._content.replaceChildren(...nodes);
  }

  private readonly _lines: readonly string[];
  private readonly _marks: ILogMarks;
  private readonly _scroll: HTMLDivElement;
  private readonly _content: HTMLDivElement;
  private _wasShown = false;
}
