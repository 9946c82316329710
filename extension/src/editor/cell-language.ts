import { StateEffect } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { LabSession } from '../session/lab-session.js';
import type { IActiveEditor } from './active-editor.js';
import type { IEditorServices } from './editor-services.js';
import { LanguageClient } from './language-client.js';
import { liveCheck } from './live-check.js';
import { signatureTooltip } from './signature-tooltip.js';

const prepared = new WeakSet<EditorView>();

/** What an editor of ours needs besides its session. */
export interface IEditorHost extends Pick<IEditorServices, 'trans' | 'settings'> {
  /** Ctrl-click, or Command-click, on a name. */
  goToDefinition: () => void;
}

/** Gives the editor of a cell its checks, signatures and Ctrl-click; once for each editor. */
export function prepareEditor({ view }: Pick<IActiveEditor, 'view'>, session: LabSession, host: IEditorHost): void {
  if (prepared.has(view)) {
    return;
  }
  prepared.add(view);
  const client = LanguageClient.of(session);
  const { settings, trans } = host;
  const extension = [
    liveCheck(
      text => (settings.diagnosticsWhileTyping ? client.ask({ kind: 'check', text }) : Promise.resolve(null)),
      trans
    ),
    signatureTooltip((text, cursor) =>
      settings.signatureHelp ? client.ask({ kind: 'signature', text, cursor }) : Promise.resolve(null)
    ),
    EditorView.domEventHandlers({
      mousedown: (event, clicked) => {
        if (!(event.ctrlKey || event.metaKey) || event.button !== 0) {
          return false;
        }
        const at = clicked.posAtCoords({ x: event.clientX, y: event.clientY });
        if (at === null) {
          return false;
        }
        clicked.dispatch({ selection: { anchor: at } });
        host.goToDefinition();
        return true;
      }
    })
  ];
  view.dispatch({ effects: StateEffect.appendConfig.of(extension) });
}
