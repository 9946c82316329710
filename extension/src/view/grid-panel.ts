import { Signal } from '@lumino/signaling';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { TranslationBundle } from '@jupyterlab/translation';
import { MAP_HEX_COLUMNS, type ColumnSpec, type ViewBundle } from 'kernel-gateway/protocol';
import type { IOutputServices } from '../output-services.js';
import type { LabSession } from '../session/lab-session.js';
import { ColumnPanel } from './column-panel.js';
import { ExpressionBar } from './expression-bar.js';
import { FilterBar } from './filter-bar.js';
import type { IGridState } from './grid-options.js';
import { GridWidget } from './grid-widget.js';
import { MapTools } from './map-tools.js';
import { RowDetails } from './row-details.js';
import type { IRowSource } from './row-source.js';
import type { IViewContent } from './view-content.js';
import type { ViewMemory } from './view-memory.js';
import { allColumns, visibleColumns } from './visible-columns.js';

/** A table of a view and what belongs to it. */
export interface IGridPanelOptions {
  bundle: ViewBundle;
  services: IOutputServices;
  source: IRowSource;
  session: LabSession | null;
  memory: ViewMemory;
  emptyText: string;
}

/** A grid with what is opened around it: filter, choice of columns, the selected row's details, editing. */
export class GridPanel extends Widget implements IViewContent {
  constructor(options: IGridPanelOptions) {
    super();
    this.layout = new PanelLayout();
    this._options = options;
    this._source = options.source;
    const { bundle, services } = options;
    this._trans = services.trans;
    this._columns = this._allColumns();
    this._chosen = options.memory.columns(bundle.title);
    this._isStream = bundle.kind !== 'map' && bundle.kind !== 'histogram';
    this._grid = this._makeGrid({ follow: services.settings.follow, sort: undefined, filters: [], where: '' });
  }

  /** Emitted when following stops or starts by scrolling. */
  get followChanged(): Signal<this, boolean> {
    return this._followChanged;
  }

  /** Order and filter of the rows. */
  get state(): IGridState {
    return this._grid.state;
  }

  get isStream(): boolean {
    return this._isStream;
  }

  get follow(): boolean {
    return this._grid.state.follow;
  }

  set follow(follow: boolean) {
    this._grid.follow = follow;
  }

  set source(source: IRowSource) {
    const wasLive = this._source.isLive;
    this._source = source;
    this._grid.source = source;
    if (wasLive !== source.isLive) {
      this._columns = this._allColumns();
      this._remakeGrid();
      if (this._filterBar !== null) {
        this.showFilter(false);
      }
    }
  }

  set paused(paused: boolean) {
    this._paused = paused;
    this._grid.paused = paused;
  }

  set onScreen(onScreen: boolean) {
    this._onScreen = onScreen;
    this._grid.onScreen = onScreen;
  }

  /** The run has ended: entries cannot be changed any more. */
  set isOver(isOver: boolean) {
    this._isOver = isOver;
    this._tools?.dispose();
    this._tools = this._makeTools();
  }

  /** What is open around the table. */
  get open(): { filter: boolean; columns: boolean; details: boolean } {
    return {
      filter: this._filterBar !== null,
      columns: this._columnPanel !== null,
      details: this._details !== null
    };
  }

  copyText(): Promise<string> {
    return this._grid.copyText();
  }

  /** Buttons of what may be done to the entries now. */
  editButtons(): HTMLButtonElement[] {
    return this._tools?.buttons() ?? [];
  }

  /** Opens or closes the filter; closing takes it away. An expression where a session reads it, else fields. */
  showFilter(shown: boolean): void {
    this._filterBar?.node.remove();
    this._filterBar = null;
    if (!shown) {
      this._grid.filters = [];
      this._grid.where = '';
      return;
    }
    const bar = this._source.isLive
      ? new ExpressionBar(this._options.bundle.columns, this._options.services, where => (this._grid.where = where))
      : new FilterBar(this._options.bundle.columns, this._trans, filters => (this._grid.filters = filters));
    this._filterBar = bar;
    this.node.prepend(bar.node);
    bar.focus();
  }

  /** Opens or closes the choice of columns. */
  showColumns(shown: boolean): void {
    this._columnPanel?.node.remove();
    this._columnPanel = null;
    if (shown) {
      this._columnPanel = new ColumnPanel({
        trans: this._trans,
        columns: this._columns,
        isShown: column => this._shown().includes(column),
        onChange: (column, isShown) => this._choose(new Map(this._chosen).set(column, isShown)),
        onReset: () => {
          this._choose(new Map());
          this._columnPanel?.refresh();
        }
      });
      this._grid.node.before(this._columnPanel.node);
      this._columnPanel.focus();
    }
  }

  /** Opens or closes the details of the selected row. */
  showDetails(shown: boolean): void {
    this._details?.node.remove();
    this._details = shown ? new RowDetails(this._columns, this._trans) : null;
    this._grid.extraColumns = this._extraColumns();
    if (this._details !== null) {
      this._grid.node.after(this._details.node);
      this._drawDetails();
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._tools?.dispose();
      Signal.clearData(this);
      super.dispose();
    }
  }

  private _allColumns(): ColumnSpec[] {
    const captions = {
      key: this._trans.__('key in hex'),
      value: this._trans.__('value in hex'),
      delta: this._trans.__('gain since the read before')
    };
    return allColumns(this._options.bundle, captions, this._source.isLive);
  }

  /** The same rows with other columns. */
  private _remakeGrid(): void {
    const { state } = this._grid;
    this._grid.dispose();
    this._grid = this._makeGrid(state);
    this._drawDetails();
  }

  private _shown(): ColumnSpec[] {
    return visibleColumns(this._options.bundle, this._columns, this._chosen);
  }

  private _choose(chosen: Map<string, boolean>): void {
    this._chosen = chosen;
    this._options.memory.setColumns(this._options.bundle.title, chosen);
    this._remakeGrid();
  }

  private _extraColumns(): string[] {
    const { bundle } = this._options;
    const key = this._source.isLive && bundle.editing !== undefined ? [MAP_HEX_COLUMNS.key] : [];
    return [...key, ...(this._details?.columnNames ?? [])];
  }

  private _makeGrid(state: IGridState): GridWidget {
    const { bundle, services, emptyText } = this._options;
    const columns = this._shown();
    const grid = new GridWidget({
      columns,
      extraColumns: this._extraColumns(),
      label: bundle.title,
      trans: this._trans,
      language: services.language,
      source: this._source,
      visibleRows: services.settings.visibleRows,
      isStream: this._isStream,
      isPlain: bundle.kind === 'printk' || bundle.kind === 'text',
      emptyText,
      state
    });
    grid.onScreen = this._onScreen;
    if (this._paused) {
      grid.paused = true;
    }
    grid.followChanged.connect((_, follow) => this._followChanged.emit(follow));
    grid.activeChanged.connect(() => this._drawDetails());
    grid.whereChecked.connect((_, error) => {
      if (this._filterBar instanceof ExpressionBar) {
        this._filterBar.showError(error);
      }
    });
    const layout = this.layout as PanelLayout;
    layout.insertWidget(0, grid);
    const above = this._columnPanel?.node ?? this._filterBar?.node;
    if (above !== undefined) {
      above.after(grid.node);
    }
    this._grid = grid;
    this.isOver = this._isOver;
    return grid;
  }

  private _makeTools(): MapTools | null {
    const { bundle, session } = this._options;
    const canEdit = this._source.isLive && !this._isOver && bundle.editing !== undefined;
    return canEdit && session !== null
      ? new MapTools({
          bundle,
          session,
          grid: this._grid,
          columns: this._shown(),
          trans: this._trans,
          host: this.node
        })
      : null;
  }

  private _drawDetails(): void {
    const row = this._grid.activeRow;
    this._details?.show(row === null ? null : column => this._grid.cell(row, column));
  }

  private readonly _options: IGridPanelOptions;
  private readonly _trans: TranslationBundle;
  private _columns: readonly ColumnSpec[];
  private readonly _isStream: boolean;
  private readonly _followChanged = new Signal<this, boolean>(this);
  private _grid: GridWidget;
  private _source: IRowSource;
  private _chosen: ReadonlyMap<string, boolean>;
  private _filterBar: ExpressionBar | FilterBar | null = null;
  private _columnPanel: ColumnPanel | null = null;
  private _details: RowDetails | null = null;
  private _tools: MapTools | null = null;
  private _paused = false;
  private _isOver = false;
  private _onScreen = true;
}
