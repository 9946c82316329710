import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ColumnSpec } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import { cellText, cellTitle, headerUnit } from '../format/cell-text.js';
import { plainText } from '../format/plain-text.js';
import { gatewayWords } from '../session/gateway-words.js';
import type { IRowWindow } from './row-window.js';
import type { IScrollLayout } from './scroll-geometry.js';

/** Height of a row and of the header, in CSS pixels; the same numbers stand in style/view.css. */
export const ROW_PX = 20;
/** See `ROW_PX`. */
export const HEADER_PX = 24;
/** Widest column, in characters; longer text is cut with an ellipsis and whole in the tooltip. */
const MAX_COLUMN_CHARS = 60;
const MIN_COLUMN_CHARS = 4;

/** How the header tells a column's order. */
export type SortState = { column: string; descending: boolean } | undefined;

interface ITableOptions {
  columns: readonly ColumnSpec[];
  label: string;
  trans: TranslationBundle;
  language: string;
  /** Lines of text: no header, no sorting. */
  isPlain: boolean;
  /** A last column of text takes what is left of the width. */
  isWide: boolean;
  onSort: (column: string) => void;
}

/** Rows of all tables are numbered: an id must be unique in the page. */
let rowIds = 0;

/** A row's elements, used again for other rows. */
interface IPooledRow {
  row: HTMLTableRowElement;
  cells: HTMLTableCellElement[];
}

/** The table of a grid: header, the rows in view, empty space for those above and below. No behavior of its own. */
export class GridTable {
  constructor(options: ITableOptions) {
    this._options = options;
    this._cols = options.columns.map(() => element('col'));
    this._above = this._spacer();
    this._below = this._spacer();
    this._body = element('tbody', {}, this._above, this._below);
    this.node = element(
      'table',
      {
        class: 'jp-BpflabGrid-table',
        role: 'grid',
        'aria-label': options.label,
        'aria-multiselectable': 'true',
        tabindex: 0,
        'aria-colcount': options.columns.length
      },
      element('colgroup', {}, ...this._cols),
      options.isPlain ? null : this._header(),
      this._body
    );
    this._chars = options.columns.map(column => this._headerChars(column));
    this._applyWidths();
  }

  readonly node: HTMLTableElement;

  /** Draws rows; those of the layout that the window does not hold stay empty until it does. */
  draw(window: IRowWindow, layout: IScrollLayout): void {
    this.node.setAttribute('aria-rowcount', String(window.matching + (this._options.isPlain ? 0 : 1)));
    this._resizePool(layout.count);
    this._setHeight(this._above, layout.abovePx);
    this._setHeight(this._below, layout.belowPx);
    let isWider = false;
    this._pool.forEach((pooled, position) => {
      isWider = this._drawRow(pooled, layout.first + position, window) || isWider;
    });
    if (isWider) {
      this._applyWidths();
    }
  }

  /** Marks the rows that are drawn; `active` is the one that keys move, null for none. */
  markSelected(first: number, active: number | null, isSelected: (row: number) => boolean): void {
    this._pool.forEach(({ row }, position) => this._mark(row, isSelected(first + position)));
    const activeRow = active === null ? undefined : this._pool[active - first]?.row;
    if (activeRow === undefined) {
      this.node.removeAttribute('aria-activedescendant');
    } else {
      this.node.setAttribute('aria-activedescendant', activeRow.id);
    }
  }

  /** Row number (over the whole view) of an event's target, null when it is not on a row. */
  rowAt(target: EventTarget | null): number | null {
    const row = target instanceof Element ? target.closest<HTMLTableRowElement>('tr[data-row]') : null;
    return row === null ? null : Number(row.dataset['row']);
  }

  /** Name of the column that an event's target stands in, null when it is in no cell. */
  columnAt(target: EventTarget | null): string | null {
    const cell = target instanceof Element ? target.closest('td') : null;
    const index = cell === null ? -1 : [...(cell.parentElement?.children ?? [])].indexOf(cell);
    return this._options.columns[index]?.name ?? null;
  }

  /** The element of a cell, null when its row is not drawn. */
  cellNode(row: number, column: string): HTMLTableCellElement | null {
    const pooled = this._pool.find(one => one.row.dataset['row'] === String(row));
    return pooled?.cells[this._options.columns.findIndex(({ name }) => name === column)] ?? null;
  }

  /** Takes all rows out of the page; the height stays, so that nothing moves. */
  sleep(layout: IScrollLayout): void {
    this._resizePool(0);
    this._setHeight(this._above, layout.abovePx);
    this._setHeight(this._below, layout.belowPx + layout.count * ROW_PX);
  }

  /** Shows the order in the header. */
  setSort(sort: SortState): void {
    this._options.columns.forEach((column, index) => {
      const header = this._headers[index];
      if (header === undefined) {
        return;
      }
      header.querySelector('.jp-BpflabGrid-order')?.remove();
      if (sort?.column !== column.name) {
        header.setAttribute('aria-sort', 'none');
        return;
      }
      header.setAttribute('aria-sort', sort.descending ? 'descending' : 'ascending');
      const icon = sort.descending ? caretDownIcon : caretUpIcon;
      header.querySelector('button')?.append(icon.element({ tag: 'span', className: 'jp-BpflabGrid-order' }));
    });
  }

  private _header(): HTMLTableSectionElement {
    const { columns, trans, onSort } = this._options;
    this._headers = columns.map(column => {
      const unit = headerUnit(column);
      const name = plainText(column.name);
      const caption = [plainText(column.c_type), unit].filter(text => text !== '').join(' · ');
      return element(
        'th',
        { scope: 'col', 'aria-sort': 'none', class: this._columnClass(column) },
        element(
          'button',
          {
            type: 'button',
            class: 'jp-BpflabGrid-header',
            title: caption === '' ? trans.__('Sort by %1', name) : `${name}: ${caption}`,
            click: () => onSort(column.name)
          },
          element('span', {}, plainText(column.name)),
          unit === '' ? null : element('span', { class: 'jp-BpflabGrid-unit' }, unit)
        )
      );
    });
    return element('thead', {}, element('tr', { 'aria-rowindex': 1 }, ...this._headers));
  }

  private _columnClass(column: ColumnSpec): string {
    const role = column.role === 'key' ? ' jp-mod-key' : column.role === 'meta' ? ' jp-mod-meta' : '';
    return `${column.kind === 'text' ? 'jp-mod-text' : 'jp-mod-number'}${role}`;
  }

  private _headerChars(column: ColumnSpec): number {
    const unit = headerUnit(column);
    const unitChars = unit === '' ? 0 : unit.length + 1;
    return this._options.isPlain ? 0 : Math.max(MIN_COLUMN_CHARS, column.name.length + unitChars + 1);
  }

  private _spacer(): HTMLTableRowElement {
    const cell = element('td', { colspan: Math.max(1, this._options.columns.length) });
    return element('tr', { class: 'jp-BpflabGrid-spacer', 'aria-hidden': 'true' }, cell);
  }

  private _setHeight(spacer: HTMLTableRowElement, px: number): void {
    spacer.hidden = px === 0;
    spacer.style.height = `${px}px`;
  }

  private _resizePool(count: number): void {
    while (this._pool.length > count) {
      this._pool.pop()?.row.remove();
    }
    while (this._pool.length < count) {
      const cells = this._options.columns.map(column => element('td', { class: this._columnClass(column) }));
      const row = element('tr', { id: `jp-BpflabGrid-row-${++rowIds}` }, ...cells);
      this._below.before(row);
      this._pool.push({ row, cells });
    }
  }

  /** Fills a row; true when a cell needs a wider column. */
  private _drawRow(pooled: IPooledRow, row: number, window: IRowWindow): boolean {
    let isWider = false;
    pooled.row.dataset['row'] = String(row);
    pooled.row.setAttribute('aria-rowindex', String(row + (this._options.isPlain ? 1 : 2)));
    this._options.columns.forEach((column, index) => {
      const cell = pooled.cells[index];
      const value = window.cell(row - window.first, column.name);
      const text = cellText(this._inWords(value, column), column);
      if (cell === undefined || cell.textContent === text) {
        return;
      }
      cell.textContent = text;
      const chars = Math.min(text.length, MAX_COLUMN_CHARS);
      cell.title = text.length > MAX_COLUMN_CHARS ? text : cellTitle(value, column);
      if (chars > (this._chars[index] ?? 0)) {
        this._chars[index] = chars;
        isWider = true;
      }
    });
    return isWider;
  }

  private _mark(row: HTMLTableRowElement, isSelected: boolean): void {
    row.setAttribute('aria-selected', String(isSelected));
    row.classList.toggle('jp-mod-selected', isSelected);
  }

  /** Columns only grow, so that a live table does not wobble. The last one takes the rest when it is text. */
  private _applyWidths(): void {
    const last = this._options.columns.length - 1;
    const isWide = this._options.isWide && this._options.columns[last]?.kind === 'text';
    this._cols.forEach((col, index) => {
      const isRest = isWide && index === last;
      col.style.width = isRest ? '' : `calc(${this._chars[index] ?? MIN_COLUMN_CHARS}ch + 17px)`;
    });
    const sum = this._chars.reduce((total, chars) => total + chars, 0);
    this.node.style.width = `calc(${sum}ch + ${17 * this._chars.length}px)`;
    this.node.classList.toggle('jp-mod-fill', isWide);
  }

  /** In a column that the gateway has added there may be a reason for what is not there. */
  private _inWords(value: string, column: ColumnSpec): string {
    const isReason = column.role === 'meta' && /^(?:no stack|reading the names)\b/.test(value);
    return isReason ? gatewayWords.say(value, this._options.language) : value;
  }

  private readonly _options: ITableOptions;
  private readonly _cols: HTMLTableColElement[];
  private readonly _above: HTMLTableRowElement;
  private readonly _below: HTMLTableRowElement;
  private readonly _body: HTMLTableSectionElement;
  private readonly _pool: IPooledRow[] = [];
  private readonly _chars: number[];
  private _headers: HTMLTableCellElement[] = [];
}
