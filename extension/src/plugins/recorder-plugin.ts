import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { DisposableSet, type IDisposable } from '@lumino/disposable';
import { NotebookOutputs } from '../recorder/notebook-outputs.js';
import { StaleMarks } from '../recorder/stale-marks.js';
import { ILabSessions } from '../tokens.js';

/** Shows recorded outputs where our own server keeps them, and marks cells that are out of date everywhere. */
export const recorderPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:recorder',
  description: 'Shows outputs that the server has recorded, and marks cells that are out of date.',
  autoStart: true,
  requires: [ILabSessions],
  optional: [ITranslator],
  activate: (app, sessions: ILabSessions, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('bpflab');
    const hasRecorder = PageConfig.getOption('bpflabServer') === 'true';
    const extension: DocumentRegistry.IWidgetExtension<NotebookPanel, INotebookModel> = {
      createNew: (panel): IDisposable => {
        const outputs = hasRecorder ? new NotebookOutputs(panel) : null;
        const session = sessions.forContext(panel.sessionContext);
        return DisposableSet.from([
          ...(outputs === null ? [] : [outputs]),
          new StaleMarks(panel, { outputs, session, trans })
        ]);
      }
    };
    app.docRegistry.addWidgetExtension('Notebook', extension);
  }
};
