import { PanelLayout, Widget } from '@lumino/widgets';
import { Clipboard } from '@jupyterlab/apputils';
import type { ViewBundle } from 'kernel-gateway/protocol';
import type { IOutputServices } from '../output-services.js';
import { FilterBar } from './filter-bar.js';
import { GridWidget } from './grid-widget.js';
import { HistogramWidget } from './histogram-widget.js';
import type { IRowSource } from './row-source.js';
import type { ViewHeader } from './view-header.js';

/** Columns of trace lines that a list of lines leaves out: letters that only a kernel developer reads. */
const HIDDEN_IN_LINES = new Set(['flags']);

/** What a body is made of; the header's buttons are connected to it. */
export interface IViewBodyOptions {
  bundle: ViewBundle;
  services: IOutputServices;
  source: IRowSource;
  header: ViewHeader;
}

/** The rows of a view as a table, as lines, or as histograms; the user changes between them. */
export class ViewBody extends Widget {
  constructor(options: IViewBodyOptions) {
    super();
    this.addClass('jp-BpflabView-body');
    this.layout = new PanelLayout();
    this._options = options;
    this._source = options.source;
    this._show(options.bundle.kind !== 'histogram');
  }

  /** See `GridWidget.source`. */
  set source(source: IRowSource) {
    this._source = source;
    if (this._content) {
      this._content.source = source;
    }
  }

  /** See `GridWidget.onScreen`. */
  set onScreen(onScreen: boolean) {
    this._onScreen = onScreen;
    if (this._content) {
      this._content.onScreen = onScreen;
    }
  }

  private _show(asTable: boolean): void {
    const { bundle, header } = this._options;
    this._content?.dispose();
    this._filterBar?.node.remove();
    this._filterBar = null;
    const content = asTable ? this._grid() : this._histogram();
    this._content = content;
    content.onScreen = this._onScreen;
    const canSwitch = bundle.kind === 'histogram' && bundle.alternatives.includes('map');
    header.setActions(
      {
        ...(canSwitch ? { onTable: (table: boolean) => this._show(table) } : {}),
        ...(content instanceof GridWidget ? this._gridActions(content) : {}),
        onPause: paused => (content.paused = paused),
        onCopy: () => void content.copyText().then(text => Clipboard.copyToSystem(text))
      },
      { follow: content instanceof GridWidget && content.follow, asTable }
    );
    (this.layout as PanelLayout).addWidget(content);
  }

  private _gridActions(grid: GridWidget): { onFollow?: (on: boolean) => void; onFilter: (shown: boolean) => void } {
    const { bundle, header } = this._options;
    const canFollow = bundle.kind !== 'map' && bundle.kind !== 'histogram';
    grid.followChanged.connect((_, follow) => header.setFollow(follow));
    return {
      ...(canFollow ? { onFollow: (follow: boolean) => (grid.follow = follow) } : {}),
      onFilter: shown => this._toggleFilter(grid, shown)
    };
  }

  private _toggleFilter(grid: GridWidget, shown: boolean): void {
    if (!shown) {
      this._filterBar?.node.remove();
      this._filterBar = null;
      grid.filters = [];
      return;
    }
    const { bundle, services } = this._options;
    this._filterBar = new FilterBar(bundle.columns, services.trans, filters => (grid.filters = filters));
    this.node.prepend(this._filterBar.node);
    this._filterBar.focus();
  }

  private _grid(): GridWidget {
    const { bundle, services } = this._options;
    const isEvents = bundle.kind !== 'map' && bundle.kind !== 'histogram';
    const isPlain = bundle.kind === 'printk' || bundle.kind === 'text';
    return new GridWidget({
      columns: isPlain ? bundle.columns.filter(({ name }) => !HIDDEN_IN_LINES.has(name)) : bundle.columns,
      label: bundle.title,
      trans: services.trans,
      source: this._source,
      visibleRows: services.settings.visibleRows,
      follow: isEvents && services.settings.follow,
      isPlain,
      isWide: isEvents,
      emptyText: this._emptyText()
    });
  }

  private _histogram(): HistogramWidget {
    const { bundle, services } = this._options;
    return new HistogramWidget({
      label: bundle.title,
      trans: services.trans,
      source: this._source,
      visibleSeries: services.settings.histograms,
      emptyText: this._emptyText()
    });
  }

  private _emptyText(): string {
    const { trans } = this._options.services;
    const isLive = this._options.bundle.state === 'live';
    switch (this._options.bundle.kind) {
      case 'events':
        return isLive ? trans.__('No events yet.') : trans.__('No events.');
      case 'printk':
      case 'text':
        return isLive ? trans.__('No lines yet.') : trans.__('No lines.');
      case 'map':
        return isLive ? trans.__('No entries yet.') : trans.__('No entries.');
      case 'histogram':
        return isLive ? trans.__('Nothing counted yet.') : trans.__('Nothing was counted.');
    }
  }

  private readonly _options: IViewBodyOptions;
  private _source: IRowSource;
  private _content: GridWidget | HistogramWidget | null = null;
  private _filterBar: FilterBar | null = null;
  private _onScreen = true;
}
