import type { TranslationBundle } from '@jupyterlab/translation';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';
import { Mime, type ContextChange, type TestRunBundle, type TestRunCase } from 'kernel-gateway/protocol';
import { gatewayWords } from '../session/gateway-words.js';
import { element } from '../dom/element.js';
import { formatCount, formatDuration } from '../format/quantity.js';
import { failedIcon, liveIcon } from '../icons.js';
import type { IPageWords } from '../output-services.js';
import { PacketView } from './packet-view.js';

/** Renderer of `Mime.testrun`: verdict and time of each packet, and the chosen one before and after the program. */
export class TestRunOutput extends Widget implements IRenderMime.IRenderer {
  constructor({ trans, language }: IPageWords) {
    super();
    this.addClass('jp-BpflabOutput');
    this.addClass('jp-BpflabTestRun');
    this._trans = trans;
    this._language = language;
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const bundle = model.data[Mime.testrun] as unknown as TestRunBundle;
    if (bundle.version !== 1 || !Array.isArray(bundle.cases)) {
      const text = model.data['text/plain'];
      this.node.textContent = typeof text === 'string' ? text : '';
      return Promise.resolve();
    }
    this._bundle = bundle;
    // The first that came out otherwise than expected is what the user wants to see.
    const wrong = bundle.cases.findIndex(one => !one.as_expected);
    this._chosen = Math.max(0, wrong);
    this._draw();
    return Promise.resolve();
  }

  private _draw(): void {
    const bundle = this._bundle;
    if (bundle === null) {
      return;
    }
    const one = bundle.cases[this._chosen];
    this.node.replaceChildren(
      this._head(bundle),
      this._cases(bundle),
      ...(one === undefined ? [] : [this._detail(one)]),
      ...bundle.notes.map(note =>
        element('p', { class: 'jp-BpflabTestRun-note' }, gatewayWords.say(note, this._language))
      )
    );
  }

  private _head(bundle: TestRunBundle): HTMLElement {
    const trans = this._trans;
    const runs = bundle.repeat > 1 ? trans.__('%1 runs each', formatCount(String(bundle.repeat))) : '';
    return element(
      'div',
      { class: 'jp-BpflabTestRun-head' },
      element('span', { class: 'jp-BpflabView-title' }, bundle.program),
      element('span', { class: 'jp-BpflabView-facts' }, bundle.program_type),
      element('span', { class: 'jp-BpflabView-facts' }, `${bundle.target}, Linux ${bundle.kernel_release}`),
      runs === '' ? null : element('span', { class: 'jp-BpflabView-facts' }, runs)
    );
  }

  private _cases(bundle: TestRunBundle): HTMLElement {
    const trans = this._trans;
    const hasCycles = bundle.cases.some(one => one.cycles !== '');
    const headings = [trans.__('Packet'), trans.__('Verdict'), trans.__('Changed'), trans.__('Time')];
    return element(
      'div',
      { class: 'jp-BpflabTestRun-scroll', tabindex: 0, role: 'group', 'aria-label': trans.__('Test runs') },
      element(
        'table',
        { class: 'jp-BpflabTestRun-cases' },
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ...[...headings, ...(hasCycles ? [trans.__('Cycles')] : [])].map(text =>
              element('th', { scope: 'col' }, text)
            )
          )
        ),
        element('tbody', {}, ...bundle.cases.map((one, index) => this._row(one, index, hasCycles)))
      )
    );
  }

  private _row(one: TestRunCase, index: number, hasCycles: boolean): HTMLElement {
    const isChosen = index === this._chosen;
    const choose = element(
      'button',
      {
        class: 'jp-BpflabTestRun-choose',
        type: 'button',
        'aria-pressed': String(isChosen),
        click: () => this._choose(index),
        keydown: event => this._onKey(event as KeyboardEvent, index)
      },
      this._nameOf(one, index)
    );
    return element(
      'tr',
      { class: isChosen ? 'jp-mod-selected' : '', click: () => this._choose(index) },
      element('th', { scope: 'row' }, choose),
      element('td', {}, this._verdict(one)),
      element('td', {}, this._changes(one)),
      element('td', { class: 'jp-mod-number' }, formatDuration(Number(one.duration_ns))),
      hasCycles
        ? element('td', { class: 'jp-mod-number' }, one.cycles === '' ? '' : `≈ ${formatCount(one.cycles)}`)
        : null
    );
  }

  private _nameOf(one: TestRunCase, index: number): string {
    return one.name === '' ? this._trans.__('Packet %1', index + 1) : one.name;
  }

  private _verdict(one: TestRunCase): HTMLElement {
    const number = one.verdict === String(one.retval) ? '' : ` ${one.retval}`;
    const icon = one.as_expected ? liveIcon : failedIcon;
    const modifier = one.as_expected ? 'jp-mod-good' : 'jp-mod-bad';
    return element(
      'span',
      { class: 'jp-BpflabTestRun-verdict' },
      one.expect === '' ? null : icon.element({ tag: 'span', className: `jp-BpflabBadge-icon ${modifier}` }),
      element('code', {}, one.verdict),
      element('span', { class: 'jp-BpflabView-facts' }, number),
      one.expect === ''
        ? null
        : element(
            'span',
            { class: 'jp-BpflabView-facts' },
            one.as_expected ? this._trans.__('as expected') : this._trans.__('expected %1', one.expect)
          )
    );
  }

  private _changes(one: TestRunCase): string {
    if (one.output === null || (one.is_unchanged && one.context.length === 0)) {
      return one.context.length === 0 ? this._trans.__('nothing') : one.context.map(change => change.name).join(', ');
    }
    const names = [...one.changes.map(change => change.name), ...one.context.map(change => change.name)];
    const shown = names.slice(0, 3).join(', ');
    return names.length > 3 ? this._trans.__('%1 and %2 more', shown, names.length - 3) : shown;
  }

  private _choose(index: number): void {
    if (index !== this._chosen) {
      this._chosen = index;
      this._draw();
      this.node.querySelectorAll<HTMLElement>('.jp-BpflabTestRun-choose')[index]?.focus();
    }
  }

  private _onKey(event: KeyboardEvent, index: number): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const next = index + step;
    if (step !== 0) {
      event.preventDefault();
      event.stopPropagation();
      if (next >= 0 && next < (this._bundle?.cases.length ?? 0)) {
        this._choose(next);
      }
    }
  }

  private _detail(one: TestRunCase): HTMLElement {
    const trans = this._trans;
    const [input, output] = [
      one.input === null ? null : new PacketView(one.input, trans.__('In'), trans).node,
      one.output === null || one.is_unchanged ? null : new PacketView(one.output, trans.__('Out'), trans).node
    ];
    const same =
      one.output !== null && one.is_unchanged
        ? element('p', { class: 'jp-BpflabTestRun-same' }, trans.__('The packet came out as it went in.'))
        : null;
    return element(
      'div',
      { class: 'jp-BpflabTestRun-detail' },
      this._changeTable(trans.__('Changed in the packet'), one.changes),
      this._changeTable(trans.__('Changed in the context'), one.context),
      element('div', { class: 'jp-BpflabTestRun-packets' }, input, output),
      same
    );
  }

  private _changeTable(title: string, changes: readonly ContextChange[]): HTMLElement | null {
    if (changes.length === 0) {
      return null;
    }
    const text = (value: string): string => (value === '' ? '–' : value);
    return element(
      'p',
      { class: 'jp-BpflabTestRun-changes' },
      element('span', { class: 'jp-BpflabView-facts' }, title),
      ...changes.map(({ name, before, after }) =>
        element(
          'span',
          { class: 'jp-BpflabTestRun-change' },
          element('code', {}, name),
          ` ${text(before)} → `,
          element('strong', {}, text(after))
        )
      )
    );
  }

  private readonly _trans: TranslationBundle;
  private readonly _language: string;
  private _bundle: TestRunBundle | null = null;
  private _chosen = 0;
}
