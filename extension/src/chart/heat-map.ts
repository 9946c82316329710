import type { HistoryPart } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import { explainQuantity, formatCount } from '../format/quantity.js';
import { seriesName, timeOfDay } from '../view/history-table.js';
import type { IChart, IChartOptions } from './chart.js';
import { heatAt, heatCells, heatLayout, type IHeatLayout, type IHeatRow } from './heat-geometry.js';
import { themeColors } from './theme-colors.js';

/** Room for a time of day. */
const LABEL_PX = 64;

/** A histogram over time: a column for each read, a line for each bucket, the darker the more came in. */
export class HeatMap implements IChart {
  constructor(options: IChartOptions) {
    this._options = options;
    this._data = options.data;
    this._canvas = element('canvas', { class: 'jp-BpflabHeat-canvas', role: 'img' });
    this._legend = element('span', { class: 'jp-BpflabHeat-legend' });
    this._pointed = element('span', { class: 'jp-BpflabView-facts' });
    options.host.replaceChildren(this._canvas, element('p', {}, this._legend, this._pointed));
    this._canvas.addEventListener('mousemove', event => this._point(event));
    this._canvas.addEventListener('mouseleave', () => (this._pointed.textContent = ''));
    this._resize = new ResizeObserver(() => this._draw());
    this._resize.observe(options.host);
    this._draw();
  }

  update(data: HistoryPart): void {
    this._data = data;
    this._draw();
  }

  dispose(): void {
    this._resize.disconnect();
  }

  private _draw(): void {
    const { host, label, trans } = this._options;
    const width = Math.max(200, Math.min(960, host.clientWidth || 640));
    const colors = themeColors(host);
    const layout = heatLayout(this._data, width);
    this._layout = layout;
    const scale = window.devicePixelRatio || 1;
    this._canvas.width = Math.round(width * scale);
    this._canvas.height = Math.round(layout.heightPx * scale);
    this._canvas.style.width = `${width}px`;
    this._canvas.style.height = `${layout.heightPx}px`;
    const context = this._canvas.getContext('2d');
    if (context === null) {
      return;
    }
    context.scale(scale, scale);
    context.font = colors.font;
    context.fillStyle = colors.heat;
    for (const { x, y, width: cellWidth, height, strength } of heatCells(layout)) {
      context.globalAlpha = strength;
      context.fillRect(x, y, cellWidth, height);
    }
    context.globalAlpha = 1;
    this._drawAxes(context, layout, colors.hint);
    const most = formatCount(String(layout.most));
    this._legend.textContent = trans.__('Strongest color: %1 new values in one read.', most);
    const [first, last] = [this._data.at_ms[0] ?? 0, this._data.at_ms.at(-1) ?? 0];
    this._canvas.setAttribute(
      'aria-label',
      trans.__('%1 over time, from %2 to %3; the table has the numbers', label, timeOfDay(first), timeOfDay(last))
    );
  }

  private _drawAxes(context: CanvasRenderingContext2D, layout: IHeatLayout, color: string): void {
    context.fillStyle = color;
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    const { unit } = this._data;
    for (const { row, y } of layout.labels) {
      const low = this._data.series[row.from]?.low ?? '';
      context.fillText(explainQuantity(low, unit) || low, layout.leftPx - 6, y);
    }
    context.textBaseline = 'top';
    context.textAlign = 'left';
    const bottom = layout.heightPx - 14;
    context.fillText(timeOfDay(this._data.at_ms[0] ?? 0), layout.leftPx, bottom);
    const lastPx = layout.leftPx + this._data.at_ms.length * layout.columnPx;
    context.textAlign = 'right';
    context.fillText(timeOfDay(this._data.at_ms.at(-1) ?? 0), Math.max(layout.leftPx + 2 * LABEL_PX, lastPx), bottom);
    context.fillText(unit === '' ? '' : `↑ ${unit}`, layout.leftPx - 6, bottom);
  }

  private _point({ offsetX: x, offsetY: y }: MouseEvent): void {
    const place = this._layout === null ? null : heatAt(this._layout, { x, y });
    this._pointed.textContent = place === null ? '' : this._cellText(place.row, place.sample);
  }

  private _cellText({ from, to, values }: IHeatRow, sample: number): string {
    const bounds = { name: '', low: this._data.series[from]?.low ?? '', high: this._data.series[to]?.high ?? '' };
    const range = [seriesName(bounds), this._data.unit].filter(text => text !== '').join(' ');
    const count = formatCount(String(values[sample] ?? 0));
    return `${timeOfDay(this._data.at_ms[sample] ?? 0)} · ${range}: ${count}`;
  }

  private readonly _options: IChartOptions;
  private readonly _canvas: HTMLCanvasElement;
  private readonly _legend: HTMLSpanElement;
  private readonly _pointed: HTMLSpanElement;
  private readonly _resize: ResizeObserver;
  private _data: HistoryPart;
  private _layout: IHeatLayout | null = null;
}
