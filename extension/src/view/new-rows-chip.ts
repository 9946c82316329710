import type { TranslationBundle } from '@jupyterlab/translation';
import { button } from '../dom/button.js';
import { formatCount } from '../format/quantity.js';
import { followIcon } from '../icons.js';

/** "12 new" below a table that stands still while rows come in; a click goes on following. */
export class NewRowsChip {
  constructor(trans: TranslationBundle, onClick: () => void) {
    this._trans = trans;
    this.node = button({ label: trans.__('Follow New Rows'), text: ' ', icon: followIcon, onClick });
    this.node.classList.add('jp-BpflabGrid-new');
    this.node.hidden = true;
  }

  readonly node: HTMLButtonElement;

  /** Counts from that number of rows (decimal) on; null: rows are followed, there is nothing to count. */
  start(total: string | null): void {
    this._from = total === null ? null : BigInt(total);
    this.node.hidden = true;
  }

  /** There are so many rows now. */
  update(total: string): void {
    const fresh = this._from === null ? 0n : BigInt(total) - this._from;
    this.node.hidden = fresh <= 0n;
    if (fresh > 0n) {
      const text = this._trans._n('%2 new', '%2 new', Number(fresh), formatCount(String(fresh)));
      const label = this.node.lastElementChild;
      if (label !== null && label.textContent !== text) {
        label.textContent = text;
      }
    }
  }

  private readonly _trans: TranslationBundle;
  private _from: bigint | null = null;
}
