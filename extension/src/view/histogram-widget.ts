import type { TranslationBundle } from '@jupyterlab/translation';
import type { HistogramSeries } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import { explainQuantity, formatCount } from '../format/quantity.js';
import {
  filledRange,
  histogramRows,
  histogramText,
  totalCount,
  unionRange,
  type IBucketRange,
  type IHistogramRow
} from './histogram-geometry.js';
import { firstRows } from './snapshot-source.js';
import type { IRowSource } from './row-source.js';
import type { IRowWindow } from './row-window.js';
import { SourceContent } from './source-content.js';

/** What a histogram view shows. */
export interface IHistogramOptions {
  label: string;
  trans: TranslationBundle;
  source: IRowSource;
  /** Series shown before "Show All", the fullest first. */
  visibleSeries: number;
  emptyText: string;
}

/** About the height that a histogram takes before it is drawn. */
function placePx(series: HistogramSeries | undefined): number {
  const range = series === undefined ? null : filledRange(series);
  return range === null ? 0 : (range.last - range.first + 2) * 19;
}

/** bcc's picture as tables: range, count, bar; one small table per key. Rows never shrink while the view lives. */
export class HistogramWidget extends SourceContent {
  constructor(options: IHistogramOptions) {
    super(options.source, firstRows(0));
    this.addClass('jp-BpflabHistogram');
    this._options = options;
    this.open();
  }

  /** All series as bcc prints them. */
  copyText(): Promise<string> {
    return Promise.resolve(this._series.map(histogramText).join('\n'));
  }

  protected override onWindow(window: IRowWindow): void {
    if (this.isPaused || window.histograms === null) {
      return;
    }
    const drawn = JSON.stringify(window.histograms);
    if (drawn !== this._drawn) {
      this._drawn = drawn;
      this._series = window.histograms;
      if (this.isOnScreen) {
        this._draw();
      } else if (this.node.style.minHeight === '') {
        this.node.style.minHeight = `${placePx(this._series[0])}px`;
      }
    }
  }

  protected override onScreenChanged(): void {
    if (this.isOnScreen) {
      this.node.style.minHeight = '';
      this._draw();
    } else {
      // Only the place that it takes.
      this.node.style.minHeight = `${this.node.offsetHeight}px`;
      this.node.replaceChildren();
    }
  }

  private _draw(): void {
    const { trans, visibleSeries, emptyText } = this._options;
    const filled = this._series.filter(series => totalCount(series) > 0n);
    const sorted = [...filled].sort((a, b) => (totalCount(a) < totalCount(b) ? 1 : -1));
    const shown = this._showAll ? sorted : sorted.slice(0, visibleSeries);
    const hidden = sorted.length - shown.length;
    const more =
      hidden === 0
        ? null
        : button({
            label: trans._n('Show %1 more', 'Show %1 more', hidden),
            text: trans._n('Show %1 more', 'Show %1 more', hidden),
            onClick: () => {
              this._showAll = true;
              this._draw();
            }
          });
    // Keys in a stable order: small multiples that change places cannot be read.
    shown.sort((a, b) => (a.key < b.key ? -1 : 1));
    this.node.replaceChildren(
      ...shown.map(series => this._table(series)),
      ...(filled.length === 0 ? [element('p', { class: 'jp-BpflabGrid-empty' }, emptyText)] : []),
      ...(more === null ? [] : [more])
    );
  }

  private _table(series: HistogramSeries): HTMLElement {
    const { trans, label } = this._options;
    const range = unionRange(this._ranges.get(series.key) ?? null, filledRange(series));
    if (range !== null) {
      this._ranges.set(series.key, range);
    }
    const rows = histogramRows(series, range);
    const caption = series.key === '' ? label : series.key;
    return element(
      'table',
      { class: 'jp-BpflabHistogram-table' },
      element(
        'caption',
        { class: series.key === '' ? 'jp-mod-hidden' : '' },
        caption,
        element('span', { class: 'jp-BpflabHistogram-total' }, formatCount(String(totalCount(series))))
      ),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, series.unit === '' ? trans.__('value') : series.unit),
          element('th', { scope: 'col' }, trans.__('count')),
          element('th', { scope: 'col' }, trans.__('distribution'))
        )
      ),
      element('tbody', {}, ...rows.map(row => this._row(row, series.unit)))
    );
  }

  private _row({ low, high, count, share }: IHistogramRow, unit: string): HTMLTableRowElement {
    const [from, to] = [explainQuantity(low, unit), explainQuantity(high, unit)];
    const bar = element('div', { class: 'jp-BpflabHistogram-bar' });
    bar.style.width = `${share * 100}%`;
    return element(
      'tr',
      {},
      element(
        'th',
        { scope: 'row', title: from === '' ? '' : `${from} – ${to}` },
        low === high ? low : `${low} → ${high}`
      ),
      element('td', {}, formatCount(count)),
      element('td', { class: 'jp-BpflabHistogram-track', 'aria-hidden': 'true' }, bar)
    );
  }

  private readonly _options: IHistogramOptions;
  private readonly _ranges = new Map<string, IBucketRange>();
  private _series: HistogramSeries[] = [];
  private _drawn = '';
  private _showAll = false;
}
