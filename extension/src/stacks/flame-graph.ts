import type { TranslationBundle } from '@jupyterlab/translation';
import type { StackFrame } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import { formatCount, formatPercent } from '../format/quantity.js';
import { findNode, flameBoxes, shareOf, type IFlameBox, type IFlameNode } from './flame-tree.js';

/** Height of a frame in pixels; also in style/stacks.css. */
const ROW_PX = 18;
/** Frames that are narrower than this share of the width are left out: one or two pixels. */
const LEAST_SHARE = 0.0015;
/** Rows beyond are reached by scrolling. */
const MAX_ROWS_SHOWN = 30;

/**
 * A flame graph of elements: each frame stands on its caller, its width is its count. Click and Enter zoom, Escape goes back,
 * arrow keys move. Nothing moves by itself.
 */
export class FlameGraph {
  constructor(options: { label: string; trans: TranslationBundle }) {
    this._trans = options.trans;
    this._boxes = element('div', {
      class: 'jp-BpflabFlame-boxes',
      role: 'tree',
      'aria-label': options.trans.__('Flame graph of %1', options.label),
      keydown: event => this._onKey(event as KeyboardEvent),
      click: event => this._onClick(event)
    });
    this._says = element('p', { class: 'jp-BpflabFlame-says', role: 'status' });
    this._scroll = element('div', { class: 'jp-BpflabFlame-scroll' }, this._boxes);
    this.node = element('div', { class: 'jp-BpflabFlame' }, this._scroll, this._says);
  }

  readonly node: HTMLElement;

  /** Draws another tree; zoom and focus stay where they were. */
  show(root: IFlameNode, unit: string): void {
    this._root = root;
    this._unit = unit;
    this._zoomed = findNode(root, this._zoomed?.path ?? '');
    this._draw();
  }

  /** Marks the frames for which `isMatch` holds. */
  mark(isMatch: (node: IFlameNode) => boolean): void {
    this._isMatch = isMatch;
    for (const [path, node] of this._nodes) {
      node.classList.toggle('jp-mod-marked', isMatch(path));
    }
  }

  private _draw(): void {
    const zoomed = this._zoomed;
    if (zoomed === null || this._root === null) {
      return;
    }
    const hadFocus = this._boxes.contains(document.activeElement);
    const focused = findNode(this._root, this._current?.path ?? '');
    const boxes = flameBoxes(zoomed, LEAST_SHARE);
    const rows = boxes.reduce((most, box) => Math.max(most, box.row + 1), 0);
    const isAtFoot = this._scroll.scrollTop + this._scroll.clientHeight >= this._scroll.scrollHeight - 2;
    this._nodes.clear();
    this._boxes.style.height = `${rows * ROW_PX}px`;
    this._scroll.style.maxHeight = `${MAX_ROWS_SHOWN * ROW_PX}px`;
    this._boxes.replaceChildren(...boxes.map(box => this._box(box)));
    this._setCurrent(this._nodes.has(focused) ? focused : zoomed, hadFocus);
    if (isAtFoot) {
      this._scroll.scrollTop = this._scroll.scrollHeight;
    }
  }

  private _box({ node, row, left, width }: IFlameBox): HTMLElement {
    const { frame } = node;
    const isRoot = node.parent === null;
    const name = isRoot ? this._trans.__('all') : frame.name;
    const origin = originText(frame);
    const classes = ['jp-BpflabFlame-box', `jp-mod-${isRoot ? 'root' : frame.kind}`];
    if (!frame.is_known) {
      classes.push('jp-mod-unknown');
    }
    if (this._isMatch(node)) {
      classes.push('jp-mod-marked');
    }
    const box = element(
      'div',
      {
        class: classes.join(' '),
        role: 'treeitem',
        'aria-level': node.depth + 1,
        'aria-label': this._describe(node),
        tabindex: -1,
        mouseenter: () => (this._says.textContent = this._describe(node))
      },
      `${name}${origin}`
    );
    box.style.bottom = `${row * ROW_PX}px`;
    box.style.left = `${left * 100}%`;
    box.style.width = `${width * 100}%`;
    this._nodes.set(node, box);
    return box;
  }

  private _describe(node: IFlameNode): string {
    const { frame } = node;
    const name = node.parent === null ? this._trans.__('all') : frame.name;
    const origin = originText(frame);
    const share = formatPercent(shareOf(node.count, this._root?.count ?? 0n));
    return `${name}${origin}: ${formatCount(String(node.count))} ${this._unit}, ${share}`;
  }

  private _setCurrent(node: IFlameNode, isFocused: boolean): void {
    const before = this._current === null ? undefined : this._nodes.get(this._current);
    if (before) {
      before.tabIndex = -1;
    }
    this._current = node;
    const box = this._nodes.get(node);
    if (box !== undefined) {
      box.tabIndex = 0;
      if (isFocused) {
        box.focus();
        this._says.textContent = this._describe(node);
      }
    }
  }

  private _zoom(node: IFlameNode): void {
    this._zoomed = node;
    this._draw();
    this._setCurrent(node, true);
  }

  private _onClick(event: Event): void {
    const node = this._nodeOf(event.target);
    if (node !== undefined) {
      this._zoom(node);
    }
  }

  private _onKey(event: KeyboardEvent): void {
    const node = this._nodeOf(event.target);
    if (node === undefined || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key === 'Enter' || event.key === ' ') {
      this._zoom(node);
    } else if (event.key === 'Escape' && this._zoomed?.parent) {
      this._zoom(this._zoomed.parent);
    } else {
      const next = this._neighbor(node, event.key);
      if (next === undefined) {
        return;
      }
      this._setCurrent(next, true);
    }
    // The notebook has its own use for these keys.
    event.preventDefault();
    event.stopPropagation();
  }

  /** The frame that an arrow key leads to; the same one at an edge, undefined for other keys. */
  private _neighbor(node: IFlameNode, key: string): IFlameNode | undefined {
    const drawn = (nodes: readonly IFlameNode[]): IFlameNode[] => nodes.filter(one => this._nodes.has(one));
    const beside = drawn(node.parent?.children ?? [node]);
    const at = beside.indexOf(node);
    const widest = (nodes: IFlameNode[]): IFlameNode | undefined =>
      nodes.sort((a, b) => (a.count < b.count ? 1 : -1))[0];
    const ways: Record<string, (() => IFlameNode | null | undefined) | undefined> = {
      ArrowUp: () => widest(drawn(node.children)),
      ArrowDown: () => node.parent,
      ArrowLeft: () => beside[at - 1],
      ArrowRight: () => beside[at + 1],
      Home: () => this._root
    };
    const way = ways[key];
    return way === undefined ? undefined : (way() ?? node);
  }

  private _nodeOf(target: EventTarget | null): IFlameNode | undefined {
    return [...this._nodes].find(([, box]) => box === target)?.[0];
  }

  private readonly _trans: TranslationBundle;
  private readonly _boxes: HTMLElement;
  private readonly _scroll: HTMLElement;
  private readonly _says: HTMLElement;
  private readonly _nodes = new Map<IFlameNode, HTMLElement>();
  private _root: IFlameNode | null = null;
  private _zoomed: IFlameNode | null = null;
  private _current: IFlameNode | null = null;
  private _unit = '';
  private _isMatch: (node: IFlameNode) => boolean = () => false;
}

/** Module or file behind a name, unless the name is made of it. */
function originText({ name, origin }: StackFrame): string {
  return origin === '' || name.includes(origin) ? '' : ` [${origin}]`;
}
