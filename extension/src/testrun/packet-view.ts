import type { TranslationBundle } from '@jupyterlab/translation';
import type { PacketDump, PacketField, PacketLayer } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import { characterOf, fieldBytes, nextByte, PacketModel, ROW_BYTES } from './packet-model.js';

/** A packet: its headers with their fields, and its bytes. What is pointed at in one is marked in the other. */
export class PacketView {
  /** `title`: what it is, such as "In". */
  constructor(dump: PacketDump, title: string, trans: TranslationBundle) {
    this._model = new PacketModel(dump);
    this._trans = trans;
    this._says = element('p', { class: 'jp-BpflabPacket-says', role: 'status' });
    this.node = element(
      'section',
      { class: 'jp-BpflabPacket', 'aria-label': title },
      element(
        'h4',
        { class: 'jp-BpflabPacket-title' },
        title,
        element('span', { class: 'jp-BpflabPacket-size' }, trans._n('%1 byte', '%1 bytes', this._model.bytes.length))
      ),
      element('div', { class: 'jp-BpflabPacket-layers' }, ...this._model.layers.map(layer => this._layer(layer))),
      this._hex(title),
      this._says
    );
    this._mark(0, false);
  }

  readonly node: HTMLElement;

  private _layer(layer: PacketLayer): HTMLElement {
    return element(
      'div',
      { class: 'jp-BpflabPacket-layer' },
      element('span', { class: 'jp-BpflabPacket-name' }, layer.name),
      ...layer.fields.map(field => this._field(field))
    );
  }

  private _field(field: PacketField): HTMLElement {
    const isChanged = this._model.isFieldChanged(field);
    const node = element(
      'span',
      {
        class: `jp-BpflabPacket-field${isChanged ? ' jp-mod-changed' : ''}`,
        title: isChanged ? this._trans.__('Changed by the program') : undefined,
        mouseenter: () => this._mark(fieldBytes(field).start, true),
        click: () => this._mark(fieldBytes(field).start, true)
      },
      element('span', { class: 'jp-BpflabPacket-key' }, field.name),
      element('span', { class: 'jp-BpflabPacket-value' }, field.text),
      field.problem === ''
        ? null
        : element('span', { class: 'jp-BpflabPacket-problem' }, this._trans.__('does not fit'))
    );
    this._fields.set(field, node);
    return node;
  }

  private _hex(title: string): HTMLElement {
    const { bytes } = this._model;
    const rows: HTMLElement[] = [];
    for (let start = 0; start < bytes.length; start += ROW_BYTES) {
      const shown = [...bytes.subarray(start, start + ROW_BYTES)];
      const cells = shown.map((byte, index) => this._byte(byte, start + index));
      const missing = Array.from({ length: ROW_BYTES - shown.length }, () => element('td', {}));
      rows.push(
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, start.toString(16).padStart(4, '0')),
          ...cells,
          ...missing,
          element('td', { class: 'jp-BpflabHex-text' }, shown.map(characterOf).join(''))
        )
      );
    }
    return element(
      'div',
      { class: 'jp-BpflabHex-scroll' },
      element(
        'table',
        {
          class: 'jp-BpflabHex',
          role: 'grid',
          'aria-label': this._trans.__('Bytes: %1', title),
          keydown: event => this._onKey(event as KeyboardEvent)
        },
        element('tbody', {}, ...rows)
      )
    );
  }

  private _byte(byte: number, at: number): HTMLElement {
    const isChanged = this._model.isChanged(at);
    const isOdd = this._model.layerAt(at) % 2 === 1;
    const node = element(
      'td',
      {
        class: `jp-BpflabHex-byte${isChanged ? ' jp-mod-changed' : ''}${isOdd ? ' jp-mod-odd' : ''}`,
        role: 'gridcell',
        tabindex: at === 0 ? 0 : -1,
        mouseenter: () => this._mark(at, true),
        click: () => this._focus(at),
        focus: () => this._mark(at, true)
      },
      byte.toString(16).padStart(2, '0')
    );
    this._bytes.push(node);
    return node;
  }

  private _onKey(event: KeyboardEvent): void {
    const at = this._bytes.indexOf(event.target as HTMLTableCellElement);
    const next = at < 0 || event.ctrlKey || event.metaKey ? null : nextByte(event.key, at, this._bytes.length);
    if (next === null) {
      return;
    }
    // The notebook moves between cells with the same keys.
    event.preventDefault();
    event.stopPropagation();
    this._focus(next);
  }

  private _focus(at: number): void {
    this._bytes.forEach((node, index) => (node.tabIndex = index === at ? 0 : -1));
    this._bytes[at]?.focus();
  }

  /** Marks the bytes and names of the fields that a byte belongs to, and says what it is. */
  private _mark(at: number, isPointed: boolean): void {
    for (const node of this._marked) {
      node.classList.remove('jp-mod-marked');
    }
    this._marked = [];
    const places = this._model.fieldsAt(at);
    if (!isPointed) {
      this._says.textContent = this._trans.__('Point at a field or a byte; arrow keys move over the bytes.');
      return;
    }
    for (const { field } of places) {
      const { start, end } = fieldBytes(field);
      this._marked.push(...this._bytes.slice(start, end));
      this._marked.push(...[this._fields.get(field)].filter(node => node !== undefined));
    }
    for (const node of this._marked) {
      node.classList.add('jp-mod-marked');
    }
    const fields = places.map(({ layer, field }) => `${layer.name}.${field.name} = ${field.text}`);
    const change = this._model.isChanged(at) ? ` · ${this._trans.__('changed by the program')}` : '';
    this._says.textContent = `${this._trans.__('byte %1', at)} · ${fields.join(' · ')}${change}`;
  }

  private readonly _model: PacketModel;
  private readonly _trans: TranslationBundle;
  private readonly _says: HTMLElement;
  private readonly _fields = new Map<PacketField, HTMLElement>();
  private readonly _bytes: HTMLElement[] = [];
  private _marked: HTMLElement[] = [];
}
