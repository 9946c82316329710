import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { StatusItem } from '../session/status-item.js';
import { ILabSessions } from '../tokens.js';

/** Target and runs of the current notebook in the status bar. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:status',
  description: 'Shows target and runs of the current notebook in the status bar.',
  autoStart: true,
  requires: [ILabSessions, IStatusBar],
  optional: [ITranslator],
  activate: (_app, sessions: ILabSessions, statusBar: IStatusBar, translator: ITranslator | null) => {
    statusBar.registerStatusItem('@bpflab/extension:status', {
      item: new StatusItem(sessions, (translator ?? nullTranslator).load('bpflab')),
      align: 'left',
      rank: 4,
      isActive: () => sessions.current?.isLab ?? false,
      activeStateChanged: sessions.currentChanged
    });
  }
};
