import { element } from '../dom/element.js';
import { scrollLayout, scrollTopFor } from '../view/scroll-geometry.js';

/** Height of a row in CSS pixels; verifier.css has the same. */
const ROW_PX = 20;
const DEFAULT_VIEW_PX = 400;
const OVERSCAN_ROWS = 10;

/** A list of any length, of which only the rows in view exist. A row is drawn when it comes into view; one is selected. */
export class RowList {
  readonly node: HTMLDivElement;

  /** `draw` makes the row at an index; `choose` is called when the user clicks one. */
  constructor(options: { label: string; draw: (index: number) => HTMLElement; choose: (index: number) => void }) {
    this._draw = options.draw;
    this._choose = options.choose;
    this._content = element('div', { class: 'jp-BpflabSteps-rows' });
    this.node = element(
      'div',
      { class: 'jp-BpflabSteps-list', role: 'region', 'aria-label': options.label, tabindex: 0 },
      this._content
    );
    this.node.addEventListener('scroll', () => this._show(), { passive: true });
    // Its height changes with the page's width, and what is selected stays in view.
    new ResizeObserver(() => this.select(this._selected)).observe(this.node);
    this._content.addEventListener('click', event => this._onClick(event));
  }

  /** Another number of rows; everything is drawn anew. */
  setRows(rows: number): void {
    this._rows = rows;
    this._show();
  }

  /** Marks a row and brings it into view; -1 marks none. */
  select(index: number): void {
    this._selected = index;
    if (index >= 0) {
      const state = this._state();
      const top = scrollTopFor(Math.max(0, index - 2), state);
      const bottom = scrollTopFor(Math.min(this._rows - 1, index + 2), { ...state, scrollTopPx: top });
      this.node.scrollTop = bottom;
    }
    this._show();
  }

  private _state(): { totalRows: number; rowPx: number; viewPx: number; scrollTopPx: number } {
    const viewPx = this.node.clientHeight || DEFAULT_VIEW_PX;
    return { totalRows: this._rows, rowPx: ROW_PX, viewPx, scrollTopPx: this.node.scrollTop };
  }

  private _show(): void {
    const layout = scrollLayout(this._state(), OVERSCAN_ROWS);
    const rows: HTMLElement[] = [];
    for (let index = layout.first; index < layout.first + layout.count; index++) {
      const row = this._draw(index);
      row.dataset['index'] = String(index);
      row.classList.toggle('jp-mod-selected', index === this._selected);
      rows.push(row);
    }
    this._content.style.paddingTop = `${layout.abovePx}px`;
    this._content.style.paddingBottom = `${layout.belowPx}px`;
    this._content.replaceChildren(...rows);
  }

  private _onClick(event: Event): void {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (row !== null) {
      this._choose(Number(row.dataset['index']));
    }
  }

  private readonly _content: HTMLDivElement;
  private readonly _draw: (index: number) => HTMLElement;
  private readonly _choose: (index: number) => void;
  private _rows = 0;
  private _selected = -1;
}
