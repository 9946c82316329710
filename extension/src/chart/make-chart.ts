import type { IChart, IChartOptions } from './chart.js';
import { HeatMap } from './heat-map.js';
import { RateChart } from './rate-chart.js';

/** The chart for the kind of data: this module is loaded when the first one is shown. */
export const makeChart = (options: IChartOptions): IChart =>
  options.data.kind === 'heat' ? new HeatMap(options) : new RateChart(options);
