import type { TranslationBundle } from '@jupyterlab/translation';
import type { GlobalControl, ViewBundle } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import type { LabSession } from '../session/lab-session.js';
import { GlobalRow } from './global-row.js';
import type { IRowSource } from './row-source.js';
import type { IRowWindow } from './row-window.js';
import { firstRows } from './snapshot-source.js';
import { SourceContent } from './source-content.js';

/** Variables of one program are fewer. */
const MAX_GLOBALS = 500;

/** What a view of globals shows. */
export interface IGlobalsOptions {
  bundle: ViewBundle;
  trans: TranslationBundle;
  source: IRowSource;
  /** That changes them; null where there is none, then they can only be read. */
  session: LabSession | null;
}

/**
 * Variables of a run as controls: .data and .bss change at once, constants by loading the run anew. What the program writes
 * appears in every control that the user is not writing into.
 */
export class GlobalsWidget extends SourceContent {
  constructor(options: IGlobalsOptions) {
    super(options.source, firstRows(MAX_GLOBALS));
    this.addClass('jp-BpflabGlobals');
    this._options = options;
    const { bundle, trans } = options;
    const controls = (bundle.globals ?? []).slice(0, MAX_GLOBALS);
    this._rows = new Map(controls.map(control => [control.name, this._row(control)]));
    const group = (isConst: boolean, caption: string): HTMLElement[] => {
      const names = controls.filter(control => control.is_const === isConst);
      const rows = names.flatMap(({ name }) => this._rows.get(name)?.node ?? []);
      return rows.length === 0 ? [] : [this._table(caption, rows)];
    };
    this.node.append(
      ...group(false, trans.__('Variables')),
      ...group(true, trans.__('Constants: a change loads the program anew'))
    );
    this.open();
  }

  copyText(): Promise<string> {
    const lines = [...this._rows].map(([name, row]) => `${name}\t${row.shown}`);
    return Promise.resolve(`${lines.join('\n')}\n`);
  }

  protected override onSource(window: IRowWindow | null): void {
    if (window !== null) {
      this._draw(window);
    }
  }

  protected override onWindow(window: IRowWindow): void {
    if (!this.isPaused && this.isOnScreen) {
      this._draw(window);
    }
  }

  private _row(control: GlobalControl): GlobalRow {
    const { bundle, session, trans } = this._options;
    return new GlobalRow({
      control,
      trans,
      set: value => {
        const type = control.is_const ? ('reload' as const) : ('set' as const);
        return session?.ask({ type, run: bundle.run, name: control.name, value }) ?? Promise.resolve();
      }
    });
  }

  private _table(caption: string, rows: HTMLElement[]): HTMLTableElement {
    return element(
      'table',
      { class: 'jp-BpflabGlobals-table' },
      element('caption', {}, caption),
      element('tbody', {}, ...rows)
    );
  }

  private _draw(window: IRowWindow): void {
    const canSet = this.isLive && window.state === 'live' && this._options.session !== null;
    for (let row = 0; row < window.count; row++) {
      this._rows.get(window.cell(row, 'name'))?.update(window.cell(row, 'value'), canSet);
    }
  }

  private readonly _options: IGlobalsOptions;
  private readonly _rows: Map<string, GlobalRow>;
}
