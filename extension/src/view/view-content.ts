import type { Widget } from '@lumino/widgets';
import type { IRowSource } from './row-source.js';

/** A way of drawing a view: table, lines, histograms, controls, a course over time. It owns nothing of its source. */
export interface IViewContent extends Widget {
  /** Goes on with other rows of the same view: a snapshot when its session ended, a store when it is there. */
  set source(source: IRowSource);
  /** While paused, what is shown changes only by the user's own doing. */
  set paused(paused: boolean);
  /** Off screen, nothing is asked for and nothing is drawn. */
  set onScreen(onScreen: boolean);
  /** What is shown, as text for the clipboard. */
  copyText(): Promise<string>;
}
