import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { stopIcon } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { Mime, type RunBundle } from 'kernel-gateway/protocol';
import { gatewayWords } from '../session/gateway-words.js';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import { OnScreen } from '../dom/on-screen.js';
import { plainText } from '../format/plain-text.js';
import { formatDuration } from '../format/quantity.js';
import type { IOutputServices } from '../output-services.js';
import type { LabSession } from '../session/lab-session.js';
import { nodeTable } from './node-table.js';
import { programTable } from './program-table.js';
import { readRunBundle } from './read-run-bundle.js';
import { RunRates } from './run-rates.js';
import { VerifierSection } from '../verifier/verifier-section.js';
import { runStateLook } from './run-state.js';

/** Renderer of `Mime.run`: one line of state, the programs and their cost, Stop. Follows the session while it lives; off the screen it draws nothing. */
export class RunOutput extends Widget implements IRenderMime.IRenderer {
  /**
   * Makes an empty card. `session`: of the notebook that the output stands in; null where there is none
   */
  constructor(services: IOutputServices, session: LabSession | null) {
    super();
    this.addClass('jp-BpflabOutput');
    this.addClass('jp-BpflabRun');
    this._services = services;
    this._session = session;
    this._programs = scrollArea(services.trans.__('Programs'));
    this._nodes = scrollArea(services.trans.__('Nodes'));
    this._verifier = session === null ? null : new VerifierSection(services, session);
    session?.changed.connect(this._refresh, this);
    this._onScreen = new OnScreen(this.node, isVisible => isVisible && this._draw());
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._saved = readRunBundle(model.data[Mime.run]);
    if (this._saved === null) {
      this.node.replaceChildren(element('p', {}, this._services.trans.__('This output cannot be read.')));
    }
    this._refresh();
    return Promise.resolve();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._onScreen.dispose();
      this._session?.changed.disconnect(this._refresh, this);
      super.dispose();
    }
  }

  protected override onAfterDetach(message: Message): void {
    super.onAfterDetach(message);
    this._onScreen.leave();
  }

  /** The first drawing is for the place that it takes; later ones are for eyes. */
  private _refresh(): void {
    if (this._onScreen.value || this._frame === '') {
      this._draw();
    }
  }

  private _draw(): void {
    const saved = this._saved;
    if (saved === null) {
      return;
    }
    const live = this._session?.run(saved.run) ?? null;
    const run = live ?? saved;
    const isLive = live !== null && this._session?.isConnected === true;
    // Counters change every second: only their table is made anew, so that focus and open details stay.
    const frame = JSON.stringify([{ ...run, programs: run.programs.length, nodes: run.nodes?.length }, isLive]);
    if (frame !== this._frame) {
      this._frame = frame;
      this._drawFrame(run, isLive);
    }
    const counters = JSON.stringify([run.programs, run.nodes]);
    if (counters !== this._counters || frame !== this._drawnWith) {
      this._counters = counters;
      this._drawnWith = frame;
      this._drawPrograms(run, isLive);
    }
  }

  private _drawFrame(run: RunBundle, isLive: boolean): void {
    const hadFocus = this.node.contains(document.activeElement);
    const stop = isLive && (run.state === 'attached' || run.state === 'starting') ? this._stopButton(run) : null;
    this.node.replaceChildren(
      this._stateLine(run, isLive, stop),
      ...(run.reason === ''
        ? []
        : [element('p', { class: 'jp-BpflabRun-reason' }, plainText(this._inWords(run.reason)))]),
      ...this._tables(run),
      ...(isLive && run.cell === 'bpf' && this._verifier ? [this._verifier.node] : []),
      ...(run.added === '' ? [] : [this._addedSection(run.added)])
    );
    if (hadFocus) {
      stop?.focus();
    }
  }

  private _tables({ programs, nodes }: RunBundle): HTMLElement[] {
    return [...(programs.length === 0 ? [] : [this._programs]), ...(nodes === undefined ? [] : [this._nodes])];
  }

  private _drawPrograms(run: RunBundle, isLive: boolean): void {
    const options = {
      trans: this._services.trans,
      rates: this._rates,
      isLive: isLive && run.state === 'attached',
      atMs: performance.now()
    };
    this._verifier?.update(run.run, run.programs);
    this._programs.replaceChildren(programTable(run.programs, options));
    this._nodes.replaceChildren(...(run.nodes === undefined ? [] : [nodeTable(run.nodes, this._services)]));
  }

  private _stateLine(run: RunBundle, isLive: boolean, stop: HTMLButtonElement | null): HTMLElement {
    const { trans } = this._services;
    // A run of another session, or of one that is over, is not attached any more, whatever was saved.
    const isStale = !isLive && (run.state === 'attached' || run.state === 'starting');
    const look = runStateLook(isStale ? 'stopped' : run.state, trans);
    const word = isStale ? trans.__('Not connected') : look.word;
    const timing = this._timing(run);
    const place = [run.target, run.kernel_release].filter(text => text !== '').join(' · ');
    return element(
      'div',
      { class: 'jp-BpflabRun-line' },
      element(
        'div',
        { class: 'jp-BpflabRun-words' },
        element(
          'span',
          { class: `jp-BpflabBadge ${look.modifier}`, role: 'status' },
          look.icon.element({ tag: 'span', className: 'jp-BpflabBadge-icon' }),
          word
        ),
        element('span', { class: 'jp-BpflabRun-name' }, plainText(run.name)),
        element('span', { class: 'jp-BpflabRun-facts' }, plainText(place)),
        element('span', { class: 'jp-BpflabRun-facts', title: `${timing}\n${this._timingCaption()}` }, timing)
      ),
      stop
    );
  }

  private _inWords(reason: string): string {
    return gatewayWords.say(reason, this._services.language);
  }

  private _stopButton(run: RunBundle): HTMLButtonElement {
    const { trans } = this._services;
    return button({
      label: trans.__('Stop %1', run.name),
      text: trans.__('Stop'),
      icon: stopIcon,
      onClick: () => this._session?.send({ type: 'stop', run: run.run })
    });
  }

  private _timing({ timing_us: timing, cell }: RunBundle): string {
    const { trans } = this._services;
    const parts = [
      trans.__('compile %1', formatDuration(timing.compile * 1000)),
      ...(cell === 'bpf' || timing.load > 0 ? [this._loadText(timing)] : []),
      ...(cell === 'bpf' || timing.attach > 0 ? [trans.__('attach %1', formatDuration(timing.attach * 1000))] : [])
    ];
    return timing.compile + timing.load + timing.attach === 0 ? '' : parts.join(' · ');
  }

  /** Verifying is a part of loading. */
  private _loadText({ load, verify }: RunBundle['timing_us']): string {
    const { trans } = this._services;
    const text = formatDuration(load * 1000);
    return verify === undefined
      ? trans.__('load %1', text)
      : trans.__('load %1 (verify %2)', text, formatDuration(verify * 1000));
  }

  private _timingCaption(): string {
    return this._services.trans.__(
      'How long it took from the cell to the kernel. Verifying and translating in the kernel is a part of loading.'
    );
  }

  /** The instrumentation's text, folded; it stays open over updates. */
  private _addedSection(added: string): HTMLElement {
    const { trans } = this._services;
    const details = element(
      'details',
      { class: 'jp-BpflabRun-added' },
      element('summary', {}, trans.__('Show what was added')),
      element('pre', { tabindex: 0 }, plainText(added))
    );
    details.open = this._isAddedOpen;
    details.addEventListener('toggle', () => (this._isAddedOpen = details.open));
    return details;
  }

  private readonly _services: IOutputServices;
  private readonly _session: LabSession | null;
  private readonly _onScreen: OnScreen;
  private readonly _rates = new RunRates();
  private readonly _verifier: VerifierSection | null;
  private _saved: RunBundle | null = null;
  private readonly _programs: HTMLElement;
  private readonly _nodes: HTMLElement;
  private _frame = '';
  private _counters = '';
  private _drawnWith = '';
  private _isAddedOpen = false;
}

/** A place for a wide table, whose columns are reached with the keyboard too. */
const scrollArea = (label: string): HTMLElement =>
  element('div', { class: 'jp-BpflabRun-scroll', tabindex: 0, role: 'group', 'aria-label': label });
