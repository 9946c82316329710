import type { TranslationBundle } from '@jupyterlab/translation';
import type { ColumnSpec, WindowFilter } from 'kernel-gateway/protocol';
import type { SortState } from './grid-table.js';
import type { IRowSource } from './row-source.js';

/** What a grid shows and how. */
export interface IGridOptions {
  columns: readonly ColumnSpec[];
  /** Columns that are asked for beside those that are shown, such as what names an entry. */
  extraColumns: readonly string[];
  label: string;
  trans: TranslationBundle;
  /** Code of the page's language, for what the gateway says in a cell. */
  language: string;
  source: IRowSource;
  /** Rows before it scrolls. */
  visibleRows: number;
  /** Rows come at the end and never change: they can be followed. */
  isStream: boolean;
  /** Lines of text without a header. */
  isPlain: boolean;
  /** Said when there are no rows. */
  emptyText: string;
  /** What was chosen in a grid of the same view before, with other columns. */
  state: IGridState;
}

/** What a user does to a grid and wants kept. */
export interface IGridState {
  follow: boolean;
  sort: SortState;
  filters: WindowFilter[];
  where: string;
}

/** What else may be done to rows; set by whoever can. True when it did something. */
export interface IGridEditing {
  edit(row: number, column: string | null): boolean;
  remove(): boolean;
}
