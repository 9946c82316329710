import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { lessonIcon } from '../icons.js';
import { LazyPanel } from '../lazy-panel.js';
import { IEditorServices, ILabSessions } from '../tokens.js';

/** Id of the command that opens the panel; also in schema/commands.json. */
const OPEN_LAB_PANEL = 'bpflab:open-lab-panel';

/** The steps of a lesson in the side bar. */
export const labPanelPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:lab-panel',
  description: 'Shows the steps of a lesson with checks, hints and solutions.',
  autoStart: true,
  requires: [ILabSessions, IEditorServices],
  optional: [ICommandPalette],
  activate: (app, sessions: ILabSessions, editors: IEditorServices, palette: ICommandPalette | null) => {
    const { trans, tabs } = editors;
    const place = new LazyPanel({
      id: 'bpflab-lab-panel',
      icon: lessonIcon,
      caption: trans.__('Lesson Steps'),
      load: async () => {
        const { LabPanel } = await import('../labs/lab-panel.js');
        return new LabPanel({ sessions, tabs, trans, contents: app.serviceManager.contents });
      }
    });
    app.shell.add(place, 'right', { rank: 890, type: 'eBPF Lesson' });
    app.commands.addCommand(OPEN_LAB_PANEL, {
      label: trans.__('Lesson Steps'),
      caption: trans.__('Steps, checks, hints and solutions of the lesson'),
      icon: lessonIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => app.shell.activateById(place.id)
    });
    palette?.addItem({ command: OPEN_LAB_PANEL, category: trans.__('eBPF') });
  }
};
