import { Clipboard } from '@jupyterlab/apputils';
import { copyIcon, filterIcon, listIcon, pauseIcon, tableRowsIcon } from '@jupyterlab/ui-components';
import { PanelLayout, Widget } from '@lumino/widgets';
import type { ViewBundle } from 'kernel-gateway/protocol';
import { button, setPressed, toggleButton } from '../dom/button.js';
import { columnsIcon, followIcon, overTimeIcon } from '../icons.js';
import type { IOutputServices } from '../output-services.js';
import { CommandError, type LabSession } from '../session/lab-session.js';
import { downloadButton } from './download-button.js';
import { emptyText } from './empty-text.js';
import { GlobalsWidget } from './globals-widget.js';
import { StacksWidget } from '../stacks/stacks-widget.js';
import { GridPanel } from './grid-panel.js';
import { HistogramWidget } from './histogram-widget.js';
import { OverTimeWidget } from './over-time-widget.js';
import { recordTypeBar } from './record-type-bar.js';
import type { IRowSource } from './row-source.js';
import type { IViewContent } from './view-content.js';
import type { ViewHeader } from './view-header.js';
import type { ViewMemory } from './view-memory.js';

/** What a body is made of; the header's buttons are connected to it. */
export interface IViewBodyOptions {
  bundle: ViewBundle;
  services: IOutputServices;
  source: IRowSource;
  header: ViewHeader;
  /** Null: what is shown is a snapshot. */
  session: LabSession | null;
  memory: ViewMemory;
}

/** The rows of a view as a table, lines, histograms, controls or a course over time; the user changes between them. */
export class ViewBody extends Widget {
  constructor(options: IViewBodyOptions) {
    super();
    this.addClass('jp-BpflabView-body');
    this.layout = new PanelLayout();
    this._options = options;
    this._source = options.source;
    this._isOver = options.bundle.state !== 'live';
    this._content = this._makeContent();
    this._show(this._content);
  }

  /** See `IViewContent.source`. */
  set source(source: IRowSource) {
    const wasLive = this._source.isLive;
    this._source = source;
    this._content.source = source;
    if (wasLive === source.isLive) {
      return;
    }
    if (!source.isLive && this._isOverTime) {
      this._change({ isOverTime: false });
    } else {
      this._setButtons();
    }
  }

  /** The run has ended: its rows stay as they are. */
  set isOver(isOver: boolean) {
    if (this._isOver !== isOver) {
      this._isOver = isOver;
      if (this._content instanceof GridPanel) {
        this._content.isOver = isOver;
      }
      this._setButtons();
    }
  }

  /** See `IViewContent.onScreen`. */
  set onScreen(onScreen: boolean) {
    this._onScreen = onScreen;
    this._content.onScreen = onScreen;
  }

  private _change(mode: { isOverTime?: boolean; asTable?: boolean }): void {
    this._isOverTime = mode.isOverTime ?? this._isOverTime;
    this._asTable = mode.asTable ?? (mode.isOverTime === undefined ? this._asTable : false);
    this._pause(false);
    this._content.dispose();
    this._content = this._makeContent();
    this._show(this._content);
  }

  private _show(content: IViewContent): void {
    content.onScreen = this._onScreen;
    (this.layout as PanelLayout).addWidget(content);
    this._setButtons();
  }

  private _makeContent(): IViewContent {
    const { bundle, services, session, memory } = this._options;
    const { trans, settings } = services;
    const common = { label: bundle.title, trans, source: this._source };
    if (this._isOverTime) {
      return new OverTimeWidget({ ...common, asTable: this._asTable });
    }
    if (bundle.kind === 'globals' && bundle.globals !== undefined) {
      return new GlobalsWidget({ bundle, trans, source: this._source, session });
    }
    const empty = emptyText(bundle, trans);
    if (bundle.kind === 'histogram' && !this._asTable) {
      return new HistogramWidget({ ...common, visibleSeries: settings.histograms, emptyText: empty });
    }
    if (bundle.kind === 'stacks' && !this._asTable) {
      return new StacksWidget({ ...common, language: services.language, emptyText: empty });
    }
    const panel = new GridPanel({ bundle, services, source: this._source, session, memory, emptyText: empty });
    panel.isOver = this._isOver;
    return panel;
  }

  private _setButtons(): void {
    const { bundle, header } = this._options;
    const content = this._content;
    const session = this._source.isLive ? this._options.session : null;
    header.setButtons([
      ...this._modeButtons(),
      ...(content instanceof GridPanel ? this._gridButtons(content) : this._isMoving ? [this._pauseButton()] : []),
      this._copyButton(),
      ...(session === null || bundle.kind === 'globals' ? [] : [this._downloadButton(session)])
    ]);
    this._setRecordTypes();
  }

  /** Rows come in while one looks. */
  private get _isMoving(): boolean {
    return this._source.isLive && !this._isOver;
  }

  private _modeButtons(): HTMLButtonElement[] {
    const { bundle, services } = this._options;
    const { trans } = services;
    const isStacks = bundle.kind === 'stacks';
    const hasHistory = bundle.has_history === true && this._source.isLive;
    const isChart =
      this._isOverTime || ((bundle.kind === 'histogram' || isStacks) && bundle.alternatives.includes('map'));
    const label = isStacks ? trans.__('Plain Map') : trans.__('Table');
    const overTime = toggleButton(
      { label: trans.__('Over Time'), icon: overTimeIcon, pressed: this._isOverTime },
      isOverTime => this._change({ isOverTime })
    );
    const table = toggleButton({ label, icon: tableRowsIcon, pressed: this._asTable }, asTable =>
      this._change({ asTable })
    );
    return [...(hasHistory ? [overTime] : []), ...(isChart ? [table] : [])];
  }

  private _gridButtons(grid: GridPanel): HTMLButtonElement[] {
    const { trans } = this._options.services;
    const { open } = grid;
    return [
      ...(grid.isStream && this._isMoving ? [this._followButton(grid)] : []),
      ...(this._isMoving ? [this._pauseButton()] : []),
      toggleButton({ label: trans.__('Filter'), icon: filterIcon, pressed: open.filter }, on => grid.showFilter(on)),
      toggleButton({ label: trans.__('Columns'), icon: columnsIcon, pressed: open.columns }, on =>
        grid.showColumns(on)
      ),
      toggleButton(
        {
          label: trans.__('Details'),
          caption: trans.__('All of the selected row: every field, every CPU, bytes in hex'),
          icon: listIcon,
          pressed: open.details
        },
        on => grid.showDetails(on)
      ),
      ...grid.editButtons()
    ];
  }

  private _pauseButton(): HTMLButtonElement {
    const { trans } = this._options.services;
    return toggleButton({ label: trans.__('Pause'), icon: pauseIcon, pressed: this._isPaused }, paused => {
      this._pause(paused);
      this._content.paused = paused;
    });
  }

  private _pause(isPaused: boolean): void {
    this._isPaused = isPaused;
    this._options.header.paused = isPaused;
  }

  private _copyButton(): HTMLButtonElement {
    const { trans } = this._options.services;
    return button({
      label: trans.__('Copy'),
      caption:
        this._content instanceof GridPanel
          ? trans.__('Copy the selected rows, or the first 2,000')
          : trans.__('Copy as text'),
      icon: copyIcon,
      onClick: () => void this._content.copyText().then(text => Clipboard.copyToSystem(text))
    });
  }

  private _downloadButton(session: LabSession): HTMLButtonElement {
    const { bundle, services } = this._options;
    const download = downloadButton({
      bundle,
      session,
      trans: services.trans,
      state: () => (this._content instanceof GridPanel ? this._content.state : null)
    });
    this._download?.remove();
    this._download = download.bar;
    this.node.prepend(download.bar);
    return download.button;
  }

  private _followButton(grid: GridPanel): HTMLButtonElement {
    const { trans } = this._options.services;
    const pressed = grid.follow;
    this._follow = toggleButton({ label: trans.__('Follow New Rows'), icon: followIcon, pressed }, follow => {
      grid.follow = follow;
    });
    grid.followChanged.disconnect(this._onFollow, this);
    grid.followChanged.connect(this._onFollow, this);
    return this._follow;
  }

  private _onFollow(_: GridPanel, follow: boolean): void {
    if (this._follow !== null) {
      setPressed(this._follow, follow);
    }
    if (follow && this._isPaused) {
      this._isPaused = false;
      this._setButtons();
    }
  }

  private _setRecordTypes(): void {
    const { bundle, session, services } = this._options;
    this._recordTypes?.remove();
    this._recordTypes = null;
    if (bundle.record_types === undefined) {
      return;
    }
    const canChoose = this._source.isLive && session !== null;
    this._recordTypes = recordTypeBar({
      ...bundle.record_types,
      trans: services.trans,
      onChoose: canChoose ? type => void this._decode(session, type) : null
    });
    this.node.prepend(this._recordTypes);
  }

  private async _decode(session: LabSession, type: string): Promise<void> {
    try {
      await session.ask({ type: 'decode', view: this._options.bundle.view, record_type: type });
    } catch (error) {
      if (!(error instanceof CommandError)) {
        throw error;
      }
      session.tellFailure(error);
    }
  }

  private readonly _options: IViewBodyOptions;
  private _source: IRowSource;
  private _content: IViewContent;
  private _follow: HTMLButtonElement | null = null;
  private _recordTypes: HTMLElement | null = null;
  private _download: HTMLElement | null = null;
  private _isOverTime = false;
  private _asTable = false;
  private _isPaused = false;
  private _isOver: boolean;
  private _onScreen = true;
}
