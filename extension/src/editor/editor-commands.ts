import { forEachDiagnostic, type Action } from '@codemirror/lint';
import type { EditorView } from '@codemirror/view';
import { Notification, showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { DefinitionAnswer } from 'kernel-gateway/protocol';
import type { IActiveEditor } from './active-editor.js';
import { LanguageClient, LanguageError } from './language-client.js';

/** Opens a file that is no cell; `line` and `column` are 1-based. */
export type OpenPlace = (editor: IActiveEditor, place: DefinitionAnswer) => Promise<void>;

/** Shows why something could not be done; a session that is gone is no news. */
async function report(title: string, error: unknown): Promise<void> {
  if (error instanceof LanguageError) {
    if (error.message !== '') {
      Notification.error(`${error.message} ${error.hint}`, { autoClose: 10_000 });
    }
    return;
  }
  await showErrorMessage(title, error as Error);
}

/** Puts the cursor to a 1-based line and column. */
function goToLine(view: EditorView, line: number, column: number): void {
  const { from, to } = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
  view.dispatch({ selection: { anchor: Math.min(from + column - 1, to) }, scrollIntoView: true });
  view.focus();
}

/** Goes to where the name at the cursor is defined. */
export async function goToDefinition(editor: IActiveEditor, trans: TranslationBundle, open: OpenPlace): Promise<void> {
  const { view, session } = editor;
  try {
    const text = view.state.doc.toString();
    const cursor = view.state.selection.main.head;
    const place = await LanguageClient.of(session).ask({ kind: 'definition', text, cursor });
    if (place === null) {
      Notification.info(trans.__('No definition was found.'), { autoClose: 3000 });
    } else if (place.origin === 'cell') {
      goToLine(view, place.line, place.column);
    } else {
      await open(editor, place);
    }
  } catch (error) {
    await report(trans.__('The definition was not opened'), error);
  }
}

/** Writes a cell in the style of the settings; only what differs is replaced, so that the cursor stays where it was. */
export async function formatCell(
  { view, session }: IActiveEditor,
  style: string,
  trans: TranslationBundle
): Promise<void> {
  const { doc } = view.state;
  const old = doc.toString();
  try {
    const text = await LanguageClient.of(session).ask({ kind: 'format', text: old, style });
    if (view.state.doc !== doc || text === old) {
      return;
    }
    let start = 0;
    while (start < old.length && old[start] === text[start]) {
      start++;
    }
    let end = 0;
    while (end < Math.min(old.length, text.length) - start && old.at(-1 - end) === text.at(-1 - end)) {
      end++;
    }
    const changes = { from: start, to: old.length - end, insert: text.slice(start, text.length - end) };
    view.dispatch({ changes, userEvent: 'input.format' });
  } catch (error) {
    await report(trans.__('The cell was not formatted'), error);
  }
}

/** Applies the compiler's fix at the cursor, else the first one of the cursor's line; false when there is none. */
export function applyFix(view: EditorView): boolean {
  const { main } = view.state.selection;
  const line = view.state.doc.lineAt(main.head);
  let best: { action: Action; from: number; to: number; distance: number } | null = null;
  forEachDiagnostic(view.state, (diagnostic, from, to) => {
    const action = diagnostic.actions?.[0];
    const isHere = from <= line.to && to >= line.from;
    const distance = main.head < from ? from - main.head : Math.max(0, main.head - to);
    if (action !== undefined && isHere && (best === null || distance < best.distance)) {
      best = { action, from, to, distance };
    }
  });
  const found = best as { action: Action; from: number; to: number } | null;
  found?.action.apply(view, found.from, found.to);
  return found !== null;
}
