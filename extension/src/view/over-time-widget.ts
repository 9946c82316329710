import type { TranslationBundle } from '@jupyterlab/translation';
import type { HistoryPart } from 'kernel-gateway/protocol';
import type { IChart } from '../chart/chart.js';
import { element } from '../dom/element.js';
import { plainText } from '../format/plain-text.js';
import { historyTable, historyText } from './history-table.js';
import { HistoryData } from './history-data.js';
import type { IRowSource } from './row-source.js';
import type { IRowWindow } from './row-window.js';
import { firstRows } from './snapshot-source.js';
import { SourceContent } from './source-content.js';

/** What is drawn of a view's course over time. */
export interface IOverTimeOptions {
  label: string;
  trans: TranslationBundle;
  source: IRowSource;
  /** As a table of samples instead of a chart. */
  asTable: boolean;
}

/** Counters as rates, or a histogram as a heat map, over the last minutes; or the same numbers as a table. */
export class OverTimeWidget extends SourceContent {
  constructor(options: IOverTimeOptions) {
    super(options.source, { ...firstRows(0), history: true });
    this.addClass('jp-BpflabOverTime');
    this._options = options;
    this._chartHost = element('div', { class: 'jp-BpflabOverTime-chart' });
    this._notes = element('p', { class: 'jp-BpflabView-facts' });
    this.node.append(this._chartHost, this._notes);
    this.open();
  }

  copyText(): Promise<string> {
    const { current } = this._data;
    return Promise.resolve(current === null ? '' : historyText(current));
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._dropChart();
      super.dispose();
    }
  }

  protected override onSource(): void {
    this._data.clear();
    this._draw();
  }

  protected override onWindow(window: IRowWindow): void {
    if (window.history !== null && this._data.add(window.history) && this.isOnScreen) {
      this._draw();
    }
  }

  protected override onScreenChanged(): void {
    if (!this.isOnScreen) {
      // The place stays, so that nothing moves.
      this._chartHost.style.minHeight = `${this._chartHost.offsetHeight}px`;
      this._dropChart();
      this._chartHost.replaceChildren();
    }
    this._draw();
  }

  private _draw(): void {
    const { trans, asTable } = this._options;
    const { current } = this._data;
    if (!this.isOnScreen) {
      return;
    }
    this._notes.textContent = this._notesText(current);
    if (current === null) {
      return;
    }
    if (asTable) {
      this._chartHost.replaceChildren(historyTable(current, trans));
    } else {
      void this._drawChart(current);
    }
  }

  private async _drawChart(data: HistoryPart): Promise<void> {
    if (this._chart !== null) {
      this._chart.update(data);
      return;
    }
    if (this._isLoading) {
      return;
    }
    this._isLoading = true;
    const { makeChart } = await import('../chart/make-chart.js');
    this._isLoading = false;
    if (this.isDisposed || !this.isOnScreen) {
      return;
    }
    const { label, trans } = this._options;
    this._chart = makeChart({
      data: this._data.current ?? data,
      label: plainText(label),
      trans,
      host: this._chartHost
    });
    this._chartHost.style.minHeight = '';
  }

  private _dropChart(): void {
    this._chart?.dispose();
    this._chart = null;
  }

  /** What the chart does not show, and what is not known. */
  private _notesText(data: HistoryPart | null): string {
    const { trans } = this._options;
    if (data === null) {
      return this.isLive
        ? trans.__('Waiting for the first numbers.')
        : trans.__('Run the cell for its course over time.');
    }
    const parts = [
      data.kind === 'rate'
        ? trans.__('Gain per second, one point a read; nothing is known between two reads.')
        : trans.__('New values in each bucket between two reads, all keys together.')
    ];
    if (data.omitted > 0) {
      parts.push(trans._n('%1 more counter changes less.', '%1 more counters change less.', data.omitted));
    }
    return parts.join(' ');
  }

  private readonly _options: IOverTimeOptions;
  private readonly _data = new HistoryData();
  private readonly _chartHost: HTMLDivElement;
  private readonly _notes: HTMLParagraphElement;
  private _chart: IChart | null = null;
  private _isLoading = false;
}
