import type { TranslationBundle } from '@jupyterlab/translation';
import type { HistoryPart } from 'kernel-gateway/protocol';

/** Where a chart is drawn, and what. */
export interface IChartOptions {
  /** Emptied and filled; its width is the chart's. */
  host: HTMLElement;
  /** Said to those who do not see it. */
  label: string;
  data: HistoryPart;
  trans: TranslationBundle;
}

/** A drawn course over time; whoever makes it disposes of it. */
export interface IChart {
  /** Draws newer data of the same view. */
  update(data: HistoryPart): void;
  dispose(): void;
}
