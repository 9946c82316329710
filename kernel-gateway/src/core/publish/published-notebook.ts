import type { SlideType } from '../../protocol/index.js';

/** A notebook of nbformat 4 as a page shows it; texts are one string. */
export interface PublishedNotebook {
  title: string;
  cells: PublishedCell[];
}

/** A cell. Outputs only where it is `code`. */
export interface PublishedCell {
  type: 'markdown' | 'code' | 'raw';
  source: string;
  outputs: PublishedOutput[];
  slide: SlideType;
  /** Folded in JupyterLab: its source is not shown at first. */
  isFolded: boolean;
}

/** An output; `data` by MIME type, as JSON. */
export type PublishedOutput =
  | { kind: 'stream'; name: string; text: string }
  | { kind: 'bundle'; data: Record<string, unknown> }
  | { kind: 'error'; name: string; value: string; traceback: string };

/** What turns text into HTML that may stand in a page; the outside world's part of publishing. */
export interface IPageText {
  /** CommonMark with tables; what could run is taken out. */
  markdown(text: string): string;
  /** A fragment of somebody's HTML; what could run or load is taken out. */
  sanitize(html: string): string;
  /** C with its words in classes `tok-…`. */
  code(text: string): string;
}
