import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { activeEditor } from '../editor/active-editor.js';
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

async function goToDefinition({ sessions, tabs, trans }: Omit<IHost, 'app'>): Promise<void> {
  const editor = activeEditor(sessions);
  if (editor === null) {
    return;
  }
  const { goToDefinition: go } = await import('../editor/editor-commands.js');
  await go(editor, trans, async ({ session }, { origin, ...place }) => {
    if (origin !== 'cell') {
      const { openPlace } = await import('../monaco/session-file.js');
      await openPlace(tabs, session, { origin, ...place }, trans);
    }
  });
}

function addEditorCommands(host: IHost): void {
  const { app, sessions, trans, settings } = host;
  const isEnabled = (): boolean => activeEditor(sessions) !== null;
  app.commands.addCommand(CommandIDs.definition, {
    label: trans.__('Go to Definition'),
    caption: trans.__('Show where the name at the cursor is defined: in the cell, a file, libbpf or vmlinux.h'),
    describedBy: noArguments,
    isEnabled,
    execute: () => goToDefinition(host)
  });
  app.commands.addCommand(CommandIDs.format, {
    label: trans.__('Format Cell'),
    caption: trans.__('Write the C of this cell in the style of the settings'),
    describedBy: noArguments,
    isEnabled,
    execute: async () => {
      const editor = activeEditor(sessions);
      const { formatCell } = await import('../editor/editor-commands.js');
      await (editor && formatCell(editor, settings.formatStyle, trans));
    }
  });
  app.commands.addCommand(CommandIDs.fix, {
    label: trans.__('Apply Fix'),
    caption: trans.__('Apply the correction that the compiler proposes at the cursor'),
    describedBy: noArguments,
    isEnabled,
    execute: async () => {
      const editor = activeEditor(sessions);
      const { applyFix } = await import('../editor/editor-commands.js');
      return editor !== null && applyFix(editor.view);
    }
  });
}

function addTabCommands({ app, sessions, tabs, trans }: IHost): void {
  const isEnabled = (): boolean => sessions.current?.isLab ?? false;
  app.commands.addCommand(CommandIDs.openFile, {
    label: trans.__('Open File of the Session…'),
    caption: trans.__('Edit a header or data file that %%file has written'),
    describedBy: noArguments,
    isEnabled,
    execute: async () => {
      const session = sessions.current;
      const { openSessionFile } = await import('../monaco/session-file.js');
      await (session && openSessionFile(tabs, session, trans));
    }
  });
  app.commands.addCommand(CommandIDs.compare, {
    label: trans.__('Compare Cell With…'),
    caption: trans.__('Show this cell beside an earlier version of it'),
    describedBy: noArguments,
    isEnabled,
    execute: async () => {
      const panel = sessions.currentPanel;
      const { compareWithVersion } = await import('../monaco/compare-commands.js');
      await (panel && compareWithVersion(panel, tabs, trans));
    }
  });
  app.commands.addCommand(CommandIDs.compareOutputs, {
    label: trans.__('Compare Output With…'),
    caption: trans.__('Show the output of this cell beside that of another run'),
    describedBy: noArguments,
    isEnabled,
    execute: async () => {
      const panel = sessions.currentPanel;
      const { compareOutputs } = await import('../monaco/compare-commands.js');
      await (panel && compareOutputs(panel, tabs, trans));
    }
  });
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
