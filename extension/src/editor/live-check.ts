import { diagnosticCount } from '@codemirror/lint';
import type { Extension } from '@codemirror/state';
import { ViewPlugin, type EditorView, type ViewUpdate } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CheckedItem } from 'kernel-gateway/protocol';
import { hasMarksOfRun, setMarks } from '../diagnosis/cell-marks.js';
import { checkedDiagnostics } from './checked-diagnostics.js';

/** Asked so long after the last key. */
const DELAY_MS = 150;

/** What the compiler says of a text; null: a newer text overtook it. */
type AskCheck = (text: string) => Promise<CheckedItem[] | null>;

/** Marks what the compiler says while one types. A text that is not checked (no session) keeps the marks that it has. */
export function liveCheck(ask: AskCheck, trans: TranslationBundle): Extension {
  return ViewPlugin.fromClass(
    class {
      constructor(private readonly _view: EditorView) {
        // What was typed while this was loaded; marks that are there are those of the cell's run.
        if (diagnosticCount(_view.state) === 0) {
          this._askSoon();
        }
      }

      update(update: ViewUpdate): void {
        if (update.docChanged) {
          this._askSoon();
        }
      }

      destroy(): void {
        clearTimeout(this._timer);
        this._isGone = true;
      }

      private _askSoon(): void {
        clearTimeout(this._timer);
        this._timer = window.setTimeout(() => void this._check(), DELAY_MS);
      }

      private async _check(): Promise<void> {
        const { doc } = this._view.state;
        const items = await ask(doc.toString()).catch(() => null);
        // A run knows more of the same text than a check that was asked before it: what the verifier says, too.
        if (items !== null && !this._isGone && this._view.state.doc === doc && !hasMarksOfRun(this._view)) {
          setMarks(this._view, checkedDiagnostics(doc, items, trans));
        }
      }

      private _timer = 0;
      private _isGone = false;
    }
  );
}
