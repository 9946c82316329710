import type { HistoryPart } from 'kernel-gateway/protocol';
import uPlot from 'uplot';
import { formatRate } from '../format/quantity.js';
import { seriesName, timeOfDay } from '../view/history-table.js';
import type { IChart, IChartOptions } from './chart.js';
import { themeColors, type IThemeColors } from './theme-colors.js';

const HEIGHT_PX = 180;
/** Lines are told apart by their dashes too. */
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3]];

/** Counters as lines of what they gain per second. Nothing moves but the data, and nothing is smoothed. */
export class RateChart implements IChart {
  constructor(options: IChartOptions) {
    this._options = options;
    this._data = options.data;
    this._build();
    this._resize = new ResizeObserver(() => this._fit());
    this._resize.observe(options.host);
  }

  update(data: HistoryPart): void {
    const isOther = look(data, themeColors(this._options.host)) !== this._look;
    this._data = data;
    if (isOther) {
      this._plot?.destroy();
      this._build();
    } else {
      this._plot?.setData(aligned(data));
      this._describe();
    }
  }

  dispose(): void {
    this._resize.disconnect();
    this._plot?.destroy();
    this._plot = null;
  }

  private _build(): void {
    const { host, trans } = this._options;
    const colors = themeColors(host);
    this._look = look(this._data, colors);
    const axis: uPlot.Axis = {
      stroke: colors.hint,
      font: colors.font,
      grid: { stroke: colors.grid, width: 1 },
      ticks: { stroke: colors.grid, width: 1, size: 4 }
    };
    const rate = (value: number | null): string => (value === null ? '–' : formatRate(value));
    const unit = this._data.unit === '' ? trans.__('per second') : `${this._data.unit}/s`;
    const plot = new uPlot(
      {
        width: this._width(),
        height: HEIGHT_PX,
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
        legend: { live: true },
        scales: {
          x: { time: true },
          y: { range: (_, min, max) => [Math.min(0, min ?? 0), Math.max(1, (max ?? 1) * 1.05)] }
        },
        axes: [
          { ...axis, values: (_, ticks) => ticks.map(tick => timeOfDay(tick * 1000)), space: 80, size: 28 },
          {
            ...axis,
            label: unit,
            labelFont: colors.font,
            labelSize: 20,
            size: axisWidth,
            values: (_, ticks) => ticks.map(tick => formatRate(tick))
          }
        ],
        series: [
          { label: trans.__('Time'), value: (_, value) => (value === null ? '–' : timeOfDay(value * 1000)) },
          ...this._data.series.map((series, index) => ({
            label: seriesName(series),
            stroke: colors.series[index % colors.series.length] ?? colors.text,
            dash: DASHES[index % DASHES.length] ?? [],
            width: 1.5,
            spanGaps: false,
            points: { show: false },
            value: (_: uPlot, value: number | null) => rate(value)
          }))
        ]
      },
      aligned(this._data)
    );
    host.replaceChildren(plot.root);
    plot.root.querySelector('.u-wrap')?.setAttribute('role', 'img');
    this._plot = plot;
    this._describe();
  }

  /** What the picture says, in words: for each line its newest value. */
  private _describe(): void {
    const { label, trans } = this._options;
    const values = this._data.series.map((series, index) => {
      const newest = this._data.gained[index]?.findLast(value => value !== null) ?? null;
      return `${seriesName(series)} ${newest === null ? '–' : formatRate(newest)}`;
    });
    const text = trans.__('%1, per second: %2', label, values.join(', '));
    this._plot?.root.querySelector('.u-wrap')?.setAttribute('aria-label', text);
  }

  private _fit(): void {
    const width = this._width();
    if (this._plot !== null && this._plot.width !== width) {
      this._plot.setSize({ width, height: HEIGHT_PX });
    }
  }

  private _width(): number {
    return Math.max(200, Math.min(960, this._options.host.clientWidth || 640));
  }

  private readonly _options: IChartOptions;
  private readonly _resize: ResizeObserver;
  private _data: HistoryPart;
  private _plot: uPlot | null = null;
  private _look = '';
}

/** What a chart has to be made anew for. */
const look = (data: HistoryPart, colors: IThemeColors): string => JSON.stringify([data.series, colors]);

const aligned = (data: HistoryPart): uPlot.AlignedData => [data.at_ms.map(ms => ms / 1000), ...data.gained];

/** As wide as the longest number beside the axis. */
const axisWidth = (_: uPlot, values: string[] | null): number =>
  16 + 7 * Math.max(2, ...(values ?? []).map(text => text.length));
