import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { InputDialog, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { RecordingOpener, UnreadModelFactory } from '../replay/recording-opener.js';
import { CommandError } from '../session/lab-session.js';
import type { LabSessions } from '../session/lab-sessions.js';
import { ILabSessions, IOutputServices } from '../tokens.js';

/** Ids of the commands; also in schema/commands.json. */
const RECORD = 'bpflab:record';
const PLAY = 'bpflab:play-recording';
const ENDING = '.bpfrec';

const noArguments = { args: { type: 'object', properties: {} } } as const;

/** Begins to record the current notebook's session, or ends it. */
async function toggleRecording(sessions: LabSessions, trans: TranslationBundle): Promise<void> {
  const session = sessions.current;
  if (session === null) {
    return;
  }
  let name = '';
  if (session.status?.recording === undefined) {
    const asked = await InputDialog.getText({
      title: trans.__('Record Session'),
      label: trans.__(
        'All runs are stopped: a recording begins with a new target. Name of the file beside the notebook:'
      ),
      text: trans.__('demo'),
      okLabel: trans.__('Record')
    });
    if (!asked.button.accept || (asked.value ?? '').trim() === '') {
      return;
    }
    name = (asked.value ?? '').trim();
  }
  try {
    await session.ask({ type: 'record', name });
  } catch (error) {
    if (error instanceof CommandError) {
      session.tellFailure(error);
    }
  }
}

/** The bar of the player, above notebooks of recordings. */
async function showPlayer(panel: NotebookPanel, trans: TranslationBundle): Promise<void> {
  await panel.context.ready;
  const own = panel.context.model.sharedModel.getMetadata('bpflab') as { recording?: unknown } | undefined;
  if (typeof own?.recording === 'string') {
    const { PlayerBar } = await import('../replay/player-bar.js');
    panel.contentHeader.addWidget(new PlayerBar(panel, trans));
  }
}

/** Records sessions, and plays recordings. */
export const replayPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:replay',
  description: 'Records sessions and plays recordings.',
  autoStart: true,
  requires: [ILabSessions, IOutputServices],
  optional: [IDefaultFileBrowser],
  activate: (app, sessions: ILabSessions, services: IOutputServices, browser: IDefaultFileBrowser | null) => {
    if (PageConfig.getOption('bpflabServer') !== 'true') {
      return;
    }
    const { trans } = services;
    const { commands } = app;
    app.docRegistry.addFileType({
      name: 'bpflab-recording',
      displayName: trans.__('Recorded Session'),
      extensions: [ENDING],
      fileFormat: 'base64'
    });
    app.docRegistry.addModelFactory(new UnreadModelFactory());
    const opener = new RecordingOpener(
      {
        name: 'bpflab-player',
        label: trans.__('Player'),
        modelName: UnreadModelFactory.NAME,
        fileTypes: ['bpflab-recording'],
        defaultFor: ['bpflab-recording'],
        readOnly: true
      },
      path => commands.execute(PLAY, { path })
    );
    // The base class and the interface differ in one optional property.
    app.docRegistry.addWidgetFactory(opener as DocumentRegistry.WidgetFactory);
    app.docRegistry.addWidgetExtension('Notebook', {
      createNew: (panel: NotebookPanel): void => void showPlayer(panel, trans)
    });
    commands.addCommand(RECORD, {
      label: () =>
        sessions.current?.status?.recording === undefined ? trans.__('Record Session…') : trans.__('Stop Recording'),
      caption: trans.__('Write this session into a file that is played without a kernel'),
      isToggled: () => sessions.current?.status?.recording !== undefined,
      isEnabled: () => sessions.current?.isLab ?? false,
      describedBy: noArguments,
      execute: () => toggleRecording(sessions, trans)
    });
    sessions.currentChanged.connect(() => commands.notifyCommandChanged(RECORD));
    const selected = (): string[] =>
      [...(browser?.selectedItems() ?? [])].map(item => item.path).filter(path => path.endsWith(ENDING));
    commands.addCommand(PLAY, {
      label: trans.__('Play Recording'),
      caption: trans.__('Open a recorded session as a notebook with a player'),
      isEnabled: args => typeof args['path'] === 'string' || selected().length > 0,
      describedBy: { args: { type: 'object', properties: { path: { type: 'string' } } } },
      execute: async args => {
        const path = typeof args['path'] === 'string' ? args['path'] : selected()[0];
        if (path === undefined) {
          return;
        }
        try {
          const { openRecording } = await import('../replay/replay-client.js');
          await commands.execute('docmanager:open', { path: await openRecording(path) });
        } catch (error) {
          Notification.error(error instanceof Error ? error.message : String(error), { autoClose: 10_000 });
        }
      }
    });
  }
};
