import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { activeEditor } from '../editor/active-editor.js';
import { layOutAhead } from '../editor/lay-out-ahead.js';
import { addOutlineHeadings } from '../editor/outline-headings.js';
import { IEditorServices, ILabSessions } from '../tokens.js';

/** Gives the cell that has the focus its checks and signatures, once its notebook is known to be ours. */
function followActiveCell(
  services: IEditorServices,
  sessions: ILabSessions,
  tracker: INotebookTracker,
  goToDefinition: () => void
): void {
  const { settings, trans } = services;
  const prepare = (): void => {
    const editor = activeEditor(sessions);
    if (editor === null) {
      return;
    }
    void import('../editor/cell-language.js').then(({ prepareEditor }) => {
      prepareEditor(editor, editor.session, { settings, trans, goToDefinition });
    });
  };
  tracker.activeCellChanged.connect((_, cell) => {
    prepare();
    // A windowed notebook makes the editor a little later.
    void cell?.ready.then(prepare, () => undefined);
  });
  sessions.currentChanged.connect(prepare);
}

/** What cells have of their own: checks while typing, signatures, Ctrl-click, entries in the table of contents. */
export const cellLanguagePlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:cell-language',
  description: 'Checks cells while one types, shows parameters, and puts programs and maps into the table of contents.',
  autoStart: true,
  requires: [ILabSessions, IEditorServices, INotebookTracker],
  activate: (app, sessions: ILabSessions, services: IEditorServices, tracker: INotebookTracker) => {
    addOutlineHeadings(services.trans);
    tracker.widgetAdded.connect((_, { content, revealed }) => {
      void revealed.then(() => layOutAhead(content));
    });
    followActiveCell(services, sessions, tracker, () => void app.commands.execute('bpflab:go-to-definition'));
  }
};
