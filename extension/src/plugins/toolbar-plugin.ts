import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { CommandIDs } from '../commands.js';
import { TargetChip } from '../session/target-chip.js';
import { ILabSessions } from '../tokens.js';

/** The target in the toolbar of a notebook; its place is in schema/commands.json. */
export const toolbarPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:toolbar',
  description: 'Shows the target in the toolbar of notebooks.',
  autoStart: true,
  requires: [ILabSessions, IToolbarWidgetRegistry],
  optional: [ITranslator],
  activate: (app, sessions: ILabSessions, toolbars: IToolbarWidgetRegistry, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('bpflab');
    const selectTarget = (): void => {
      void app.commands.execute(CommandIDs.selectTarget);
    };
    toolbars.addFactory<NotebookPanel>(
      'Notebook',
      'bpflab-target',
      panel => new TargetChip(sessions.forContext(panel.sessionContext), trans, selectTarget)
    );
  }
};
