import type { Notebook } from '@jupyterlab/notebook';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';
import { Mime, type ViewBundle } from 'kernel-gateway/protocol';
import { gatewayWords } from '../session/gateway-words.js';
import { element } from '../dom/element.js';
import { OnScreen } from '../dom/on-screen.js';
import { plainText } from '../format/plain-text.js';
import type { IOutputServices } from '../output-services.js';
import type { LabSession } from '../session/lab-session.js';
import { LiveSource } from './live-source.js';
import { readViewBundle } from './read-view-bundle.js';
import type { IRowSource } from './row-source.js';
import type { IRowWindow } from './row-window.js';
import { firstRows, SnapshotSource } from './snapshot-source.js';
import { ViewBody } from './view-body.js';
import { ViewHeader, type RowsOrigin } from './view-header.js';
import { ViewMemory } from './view-memory.js';

/**
 * Renderer of `Mime.view`: shows the notebook's snapshot at once, and the store itself while the view's own session lives
 * and the output is on the screen. Off the screen it costs nothing: nothing is asked, nothing drawn.
 */
export class ViewOutput extends Widget implements IRenderMime.IRenderer {
  /**
   * Makes an empty output.
   *
   * @param services - language and settings
   * @param session - of the notebook or console that the output stands in; null where there is none, then it stays a snapshot
   * @param notebook - that the output stands in, for what is remembered with its cell
   */
  constructor(services: IOutputServices, session: LabSession | null, notebook: Notebook | null) {
    super();
    this.addClass('jp-BpflabOutput');
    this.addClass('jp-BpflabView');
    this.layout = new PanelLayout();
    this._services = services;
    this._session = session;
    this._memory = new ViewMemory(notebook, this.node);
    session?.changed.connect(this._onSession, this);
    this._onScreen = new OnScreen(this.node, isVisible => this._onVisible(isVisible));
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const bundle = readViewBundle(model.data[Mime.view]);
    if (bundle === null) {
      this._close();
      this.node.replaceChildren(element('p', {}, this._services.trans.__('This output cannot be read.')));
      return Promise.resolve();
    }
    const shape = shapeOf(bundle);
    if (this._shape === shape && this._snapshot) {
      this._bundle = bundle;
      this._isStale = !this._onScreen.value;
      if (this._onScreen.value) {
        this._takeSnapshot(bundle);
      }
    } else {
      this._shape = shape;
      this._open(bundle);
    }
    return Promise.resolve();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._onScreen.dispose();
      this._session?.changed.disconnect(this._onSession, this);
      this._close();
      super.dispose();
    }
  }

  protected override onAfterDetach(message: Message): void {
    super.onAfterDetach(message);
    this._onScreen.leave();
  }

  private _open(bundle: ViewBundle): void {
    if (this._body !== null) {
      // What follows on the page stays where it is until the new body has its rows.
      this.node.style.minHeight = `${this.node.offsetHeight}px`;
    }
    this._close();
    this.node.replaceChildren();
    this._bundle = bundle;
    this._isGone = false;
    this._snapshot = new SnapshotSource(bundle);
    this._source = this._snapshot;
    this._source.changed.connect(this._onWindow, this);
    this._header = new ViewHeader(bundle, this._services.trans);
    this._body = new ViewBody({
      bundle,
      services: this._services,
      source: this._snapshot,
      header: this._header,
      session: this._session,
      memory: this._memory
    });
    this._body.onScreen = this._onScreen.value;
    this._notes = element('div', { class: 'jp-BpflabView-notes' });
    this._shownNotes = '';
    const layout = this.layout as PanelLayout;
    layout.addWidget(this._header);
    layout.addWidget(this._body);
    layout.addWidget(new Widget({ node: this._notes }));
    this._connect();
    this._updateHeader();
  }

  private _close(): void {
    this._live?.dispose();
    this._live = null;
    this._snapshot?.dispose();
    this._snapshot = null;
    for (const widget of [...(this.layout as PanelLayout).widgets]) {
      widget.dispose();
    }
  }

  private _takeSnapshot(bundle: ViewBundle): void {
    this._isStale = false;
    this._snapshot?.update(bundle);
    if (this._body) {
      this._body.isOver = bundle.state !== 'live';
    }
    this._updateHeader();
  }

  private _onSession(): void {
    this._connect();
    if (this._onScreen.value) {
      this._updateHeader();
    }
  }

  /** Opens or leaves the store, as the session comes and goes; opened when it is looked at for the first time. */
  private _connect(): void {
    const bundle = this._bundle;
    const status = this._session?.status ?? null;
    const kernel = this._session?.kernel ?? null;
    if (bundle === null) {
      return;
    }
    if (kernel === null || status?.session !== bundle.session) {
      this._leave();
    } else if (this._live === null && !this._isGone && this._onScreen.value) {
      const live = new LiveSource(kernel, bundle.view, { ...firstRows(0), paused: true });
      live.closed.connect(() => {
        // The session does not have the view any more: the snapshot is all there is, until the cell runs again.
        this._isGone = true;
        this._leave();
      });
      this._live = live;
      this._use(live);
    }
  }

  private _leave(): void {
    if (this._live !== null && this._snapshot !== null) {
      const live = this._live;
      this._live = null;
      this._use(this._snapshot);
      live.dispose();
      this._updateHeader();
    }
  }

  private _use(source: IRowSource): void {
    this._source?.changed.disconnect(this._onWindow, this);
    this._source = source;
    source.changed.connect(this._onWindow, this);
    if (this._body) {
      this._body.source = source;
    }
  }

  private _onWindow(_: IRowSource, window: IRowWindow): void {
    this._window = window;
    if (this._onScreen.value) {
      this._updateHeader();
      this.node.style.minHeight = '';
    }
  }

  private get _origin(): RowsOrigin {
    const isLive = this._live !== null && this._live.window !== null;
    if (!isLive) {
      return 'saved';
    }
    return this._session?.isConnected === true ? 'live' : 'lost';
  }

  private _updateHeader(): void {
    if (this._bundle === null || this._header === null || this._header.isDisposed) {
      return;
    }
    const origin = this._origin;
    const window = origin === 'saved' ? (this._snapshot?.window ?? null) : this._window;
    this._header.refresh(this._bundle, window, origin);
    const notes = this._bundle.notes.join('\n');
    if (this._notes && notes !== this._shownNotes) {
      this._shownNotes = notes;
      const texts = this._bundle.notes.map(note => gatewayWords.say(note, this._services.language));
      this._notes.replaceChildren(...texts.map(text => element('p', {}, plainText(text))));
    }
  }

  private _onVisible(isVisible: boolean): void {
    if (this._body) {
      this._body.onScreen = isVisible;
    }
    if (isVisible) {
      this._connect();
      this._updateHeader();
      if (this._isStale && this._bundle !== null) {
        this._takeSnapshot(this._bundle);
      }
    }
  }

  private readonly _services: IOutputServices;
  private readonly _session: LabSession | null;
  private readonly _memory: ViewMemory;
  private readonly _onScreen: OnScreen;
  private _bundle: ViewBundle | null = null;
  private _shape = '';
  private _snapshot: SnapshotSource | null = null;
  private _live: LiveSource | null = null;
  private _source: IRowSource | null = null;
  private _window: IRowWindow | null = null;
  private _header: ViewHeader | null = null;
  private _body: ViewBody | null = null;
  private _notes: HTMLDivElement | null = null;
  private _shownNotes = '';
  private _isGone = false;
  /** A newer snapshot has come while nobody looked. */
  private _isStale = false;
}

/** What a body is made for: another view, or other columns or controls, make another body. */
const shapeOf = (bundle: ViewBundle): string =>
  JSON.stringify([
    bundle.view,
    bundle.session,
    bundle.kind,
    bundle.columns,
    bundle.record_types,
    bundle.globals,
    bundle.editing,
    bundle.has_history
  ]);
