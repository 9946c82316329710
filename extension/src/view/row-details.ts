import type { TranslationBundle } from '@jupyterlab/translation';
import { MAP_HEX_COLUMNS, type ColumnSpec } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import { cellText, cellTitle } from '../format/cell-text.js';
import { plainText } from '../format/plain-text.js';

/** Fields that are drawn of one row. */
const MAX_FIELDS = 400;

/** Bytes of a hex text in groups of four, sixteen a line. */
function hexLines(digits: string): string {
  const bytes = digits.match(/../g) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const line = bytes.slice(at, at + 16);
    const groups = Array.from({ length: Math.ceil(line.length / 4) }, (_, group) =>
      line.slice(group * 4, group * 4 + 4).join(' ')
    );
    lines.push(`${at.toString(16).padStart(4, '0')}  ${groups.join('  ')}`);
  }
  return lines.join('\n');
}

/** All that one row holds: each field on a line of its own, what single CPUs have, and the bytes. */
export class RowDetails {
  constructor(columns: readonly ColumnSpec[], trans: TranslationBundle) {
    this._columns = columns;
    this._trans = trans;
    this.node = element('div', {
      class: 'jp-BpflabDetails',
      role: 'region',
      tabindex: 0,
      'aria-label': trans.__('Selected row')
    });
  }

  readonly node: HTMLDivElement;

  /** Columns that it shows; the grid has to ask for them. */
  get columnNames(): string[] {
    return this._columns.slice(0, MAX_FIELDS).map(({ name }) => name);
  }

  /** Draws a row; null: none is selected. */
  show(cell: ((column: string) => string) | null): void {
    const texts = cell === null ? null : this.columnNames.map(cell);
    const drawn = JSON.stringify(texts);
    if (drawn === this._drawn) {
      return;
    }
    this._drawn = drawn;
    if (cell === null) {
      this.node.replaceChildren(element('p', {}, this._trans.__('Select a row to see all of it.')));
      return;
    }
    const columns = this._columns.slice(0, MAX_FIELDS);
    const isHex = ({ name }: ColumnSpec): boolean => name === MAP_HEX_COLUMNS.key || name === MAP_HEX_COLUMNS.value;
    const fields = columns.filter(column => column.per_cpu === undefined && !isHex(column));
    const left = this._columns.length - columns.length;
    this.node.replaceChildren(
      this._fieldTable(fields, cell),
      ...this._cpuTable(columns, cell),
      ...columns.filter(isHex).map(({ name, c_type: caption }) => this._hex(caption, cell(name))),
      ...(left > 0 ? [element('p', {}, this._trans._n('%1 more field', '%1 more fields', left))] : [])
    );
  }

  private _fieldTable(fields: readonly ColumnSpec[], cell: (column: string) => string): HTMLTableElement {
    const rows = fields.map(column => {
      const value = cell(column.name);
      return element(
        'tr',
        {},
        element('th', { scope: 'row', title: plainText(column.c_type) }, plainText(column.name)),
        element('td', {}, cellText(value, column)),
        element('td', { class: 'jp-mod-hint' }, cellTitle(value, column) || plainText(column.unit))
      );
    });
    return element('table', { 'aria-label': this._trans.__('Fields') }, element('tbody', {}, ...rows));
  }

  /** A line for each field, a column for each CPU. */
  private _cpuTable(columns: readonly ColumnSpec[], cell: (column: string) => string): HTMLElement[] {
    const parts = columns.filter(column => column.per_cpu !== undefined);
    const names = [...new Set(parts.map(column => column.per_cpu?.of ?? ''))];
    const cpus = [...new Set(parts.map(column => column.per_cpu?.cpu ?? 0))].sort((a, b) => a - b);
    if (parts.length === 0) {
      return [];
    }
    const head = cpus.map(cpu =>
      element('th', { scope: 'col' }, cpu === -1 ? this._trans.__('all CPUs') : `CPU ${cpu}`)
    );
    const rows = names.map(name =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, plainText(name)),
        ...cpus.map(cpu => {
          const column = parts.find(({ per_cpu: part }) => part?.of === name && part.cpu === cpu);
          return element('td', {}, column === undefined ? '' : cellText(cell(column.name), column));
        })
      )
    );
    return [
      element(
        'table',
        { 'aria-label': this._trans.__('Values by CPU'), class: 'jp-mod-cpus' },
        element('thead', {}, element('tr', {}, element('td', {}), ...head)),
        element('tbody', {}, ...rows)
      )
    ];
  }

  private _hex(caption: string, digits: string): HTMLElement {
    return element('div', {}, element('span', { class: 'jp-mod-hint' }, caption), element('pre', {}, hexLines(digits)));
  }

  private readonly _columns: readonly ColumnSpec[];
  private readonly _trans: TranslationBundle;
  private _drawn = '';
}
