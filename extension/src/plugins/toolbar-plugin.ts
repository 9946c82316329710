import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { CommandToolbarButton } from '@jupyterlab/ui-components';
import { CommandIDs } from '../commands.js';
import { LessonBadge } from '../labs/lesson-badge.js';
import { TargetChip } from '../session/target-chip.js';
import { ILabSessions } from '../tokens.js';

/** Stop All, Reset and the target in the toolbar of a notebook; their places are in schema/commands.json. */
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
    const { commands } = app;
    // Made here and not by the schema, whose labels are not translated.
    toolbars.addFactory<NotebookPanel>(
      'Notebook',
      'bpflab-stop-all',
      () => new CommandToolbarButton({ commands, id: CommandIDs.stopAll, label: trans.__('Stop All') })
    );
    toolbars.addFactory<NotebookPanel>(
      'Notebook',
      'bpflab-reset',
      () => new CommandToolbarButton({ commands, id: CommandIDs.reset, label: trans.__('Reset') })
    );
    toolbars.addFactory<NotebookPanel>(
      'Notebook',
      'bpflab-lesson',
      panel => new LessonBadge({ panel, session: sessions.forContext(panel.sessionContext), trans })
    );
    toolbars.addFactory<NotebookPanel>(
      'Notebook',
      'bpflab-target',
      panel => new TargetChip(sessions.forContext(panel.sessionContext), trans, selectTarget)
    );
  }
};
