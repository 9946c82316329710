import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';
import { LabSessions } from '../session/lab-sessions.js';
import { ILabSessions } from '../tokens.js';

/** Follows the sessions of open notebooks; a command that failed is told with its next step. */
export const sessionsPlugin: JupyterFrontEndPlugin<LabSessions> = {
  id: '@bpflab/extension:sessions',
  description: 'Follows target and runs of open notebooks.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ITranslator],
  provides: ILabSessions,
  activate: (_app, tracker: INotebookTracker, translator: ITranslator | null) => {
    const sessions = new LabSessions(tracker, translator?.languageCode ?? 'en');
    tracker.widgetAdded.connect((_, panel) => sessions.forContext(panel.sessionContext));
    sessions.commandFailed.connect((_, { message, hint }) => {
      Notification.error(`${message} ${hint}`, { autoClose: 10_000 });
    });
    return sessions;
  }
};
