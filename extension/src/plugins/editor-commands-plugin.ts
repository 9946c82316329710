import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { activeEditor, type IActiveEditor } from '../editor/active-editor.js';
import { IEditorServices, ILabSessions } from '../tokens.js';

/** Ids of the commands of editors; their places are in schema/editor.json. */
const CommandIDs = {
  definition: 'bpflab:go-to-definition',
  format: 'bpflab:format-cell',
  fix: 'bpflab:apply-fix',
  openFile: 'bpflab:open-session-file',
  compare: 'bpflab:compare-cell',
  compareOutputs: 'bpflab:compare-outputs'
} as const;

const noArguments = { args: { type: 'object', properties: {} } } as const;

/** What the commands work on. */
interface IHost extends IEditorServices {
  app: JupyterFrontEnd;
  sessions: ILabSessions;
}

async function goToDefinition(editor: IActiveEditor, { tabs, trans }: IHost): Promise<void> {
  const { goToDefinition: go } = await import('../editor/editor-commands.js');
  await go(editor, trans, async ({ session }, { origin, ...place }) => {
    if (origin !== 'cell') {
      const { openPlace } = await import('../monaco/session-file.js');
      await openPlace(tabs, session, { origin, ...place }, trans);
    }
  });
}

/** Registers commands that work on what `subject` gives at that moment, and do nothing where it gives null. */
function adderOf<T>(app: JupyterFrontEnd, isEnabled: () => boolean, subject: () => T | null) {
  return (id: string, texts: { label: string; caption: string }, work: (subject: T) => Promise<unknown>): void => {
    app.commands.addCommand(id, {
      ...texts,
      describedBy: noArguments,
      isEnabled,
      execute: async () => {
        const found = subject();
        return found === null ? null : work(found);
      }
    });
  };
}

function addEditorCommands(host: IHost): void {
  const { app, sessions, trans, settings } = host;
  const editorOf = (): IActiveEditor | null => activeEditor(sessions);
  const add = adderOf(app, () => editorOf() !== null, editorOf);
  add(
    CommandIDs.definition,
    {
      label: trans.__('Go to Definition'),
      caption: trans.__('Show where the name at the cursor is defined: in the cell, a file, libbpf or vmlinux.h')
    },
    editor => goToDefinition(editor, host)
  );
  add(
    CommandIDs.format,
    { label: trans.__('Format Cell'), caption: trans.__('Write the C of this cell in the style of the settings') },
    async editor => (await import('../editor/editor-commands.js')).formatCell(editor, settings.formatStyle, trans)
  );
  add(
    CommandIDs.fix,
    {
      label: trans.__('Apply Fix'),
      caption: trans.__('Apply the correction that the compiler proposes at the cursor')
    },
    async ({ view }) => (await import('../editor/editor-commands.js')).applyFix(view)
  );
}

function addTabCommands({ app, sessions, tabs, trans }: IHost): void {
  const isEnabled = (): boolean => sessions.current?.isLab ?? false;
  const addOnPanel = adderOf(app, isEnabled, () => sessions.currentPanel);
  adderOf(app, isEnabled, () => sessions.current)(
    CommandIDs.openFile,
    {
      label: trans.__('Open File of the Session…'),
      caption: trans.__('Edit a header or data file that %%file has written')
    },
    async session => (await import('../monaco/session-file.js')).openSessionFile(tabs, session, trans)
  );
  addOnPanel(
    CommandIDs.compare,
    { label: trans.__('Compare Cell With…'), caption: trans.__('Show this cell beside an earlier version of it') },
    async panel => (await import('../monaco/compare-commands.js')).compareWithVersion(panel, tabs, trans)
  );
  addOnPanel(
    CommandIDs.compareOutputs,
    {
      label: trans.__('Compare Output With…'),
      caption: trans.__('Show the output of this cell beside that of another run')
    },
    async panel => (await import('../monaco/compare-commands.js')).compareOutputs(panel, tabs, trans)
  );
}

/** Commands of editors: definition, format, fix, files of the session, comparisons. */
export const editorCommandsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:editor-commands',
  description: 'Commands of editors: go to definition, format, apply a fix, open files of the session, compare.',
  autoStart: true,
  requires: [ILabSessions, IEditorServices],
  optional: [ICommandPalette],
  activate: (app, sessions: ILabSessions, services: IEditorServices, palette: ICommandPalette | null) => {
    const host: IHost = { app, sessions, ...services };
    addEditorCommands(host);
    addTabCommands(host);
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category: services.trans.__('eBPF') });
    }
  }
};
