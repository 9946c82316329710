import { StateEffect, StateField, type Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { keymap, showTooltip, ViewPlugin, type Tooltip, type ViewUpdate } from '@codemirror/view';
import type { SignatureAnswer } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';

/** Asked so long after the last key. */
const DELAY_MS = 120;

interface IShown {
  at: number;
  answer: SignatureAnswer;
}

const show = StateEffect.define<IShown | null>();

function draw({ label, active, text }: SignatureAnswer): HTMLElement {
  const { start, end } = active ?? { start: label.length, end: label.length };
  const code = element(
    'code',
    {},
    label.slice(0, start),
    element('strong', {}, label.slice(start, end)),
    label.slice(end)
  );
  return element('div', { class: 'jp-BpflabSignature' }, code, text === '' ? null : element('p', {}, text));
}

const shown = StateField.define<IShown | null>({
  create: () => null,
  update: (value, transaction) => {
    const effect = transaction.effects.find(one => one.is(show));
    if (effect !== undefined) {
      return effect.value;
    }
    return value === null ? null : { ...value, at: Math.min(value.at, transaction.newDoc.length) };
  },
  provide: field =>
    showTooltip.compute([field], state => {
      const value = state.field(field);
      const tooltip: Tooltip | null =
        value === null ? null : { pos: value.at, above: true, create: () => ({ dom: draw(value.answer) }) };
      return tooltip;
    })
});

/** Whether a bracket is open before the cursor: outside of calls nobody is asked. */
function isInBrackets(view: EditorView): boolean {
  const { head } = view.state.selection.main;
  const before = view.state.sliceDoc(Math.max(0, head - 1000), head).replaceAll(/"(?:\\.|[^"\\\n])*"/g, '');
  let depth = 0;
  for (let i = before.length - 1; i >= 0; i--) {
    const char = before[i];
    if (char === ')') {
      depth++;
    } else if (char === '(' && depth-- === 0) {
      return true;
    } else if (char === ';' && depth <= 0) {
      return false;
    }
  }
  return false;
}

/** What the tooltip asks: the signature at an offset of a text, null when there is none. */
type AskSignature = (text: string, cursor: number) => Promise<SignatureAnswer | null>;

/** Shows the parameters of the call that is being typed, over the line; Escape hides it. */
export function signatureTooltip(ask: AskSignature): Extension {
  const plugin = ViewPlugin.fromClass(
    class {
      constructor(private readonly _view: EditorView) {}

      update(update: ViewUpdate): void {
        const isOpen = update.state.field(shown) !== null;
        if (update.docChanged || (isOpen && update.selectionSet)) {
          clearTimeout(this._timer);
          this._timer = window.setTimeout(() => void this._refresh(), DELAY_MS);
        } else if (isOpen && update.focusChanged && !update.view.hasFocus) {
          this._timer = window.setTimeout(() => this._set(null), 0);
        }
      }

      destroy(): void {
        clearTimeout(this._timer);
        this._isGone = true;
      }

      private async _refresh(): Promise<void> {
        const { doc, selection } = this._view.state;
        const at = selection.main.head;
        const answer = isInBrackets(this._view) ? await ask(doc.toString(), at).catch(() => null) : null;
        if (!this._isGone && this._view.state.doc === doc) {
          this._set(answer === null ? null : { at, answer });
        }
      }

      private _set(value: IShown | null): void {
        if (!this._isGone && (value !== null || this._view.state.field(shown) !== null)) {
          this._view.dispatch({ effects: show.of(value) });
        }
      }

      private _timer = 0;
      private _isGone = false;
    }
  );
  const escape = keymap.of([
    {
      key: 'Escape',
      run: view => {
        if (view.state.field(shown) !== null) {
          view.dispatch({ effects: show.of(null) });
        }
        // JupyterLab leaves the cell with the same key, and shall.
        return false;
      }
    }
  ]);
  return [shown, plugin, escape];
}
