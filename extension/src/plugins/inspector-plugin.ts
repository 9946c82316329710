import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { inspectorIcon } from '../icons.js';
import { LazyPanel } from '../lazy-panel.js';
import { ILabSessions, IOutputServices } from '../tokens.js';

/** Id of the command that opens the inspector; also in schema/commands.json. */
const OPEN_INSPECTOR = 'bpflab:open-inspector';

/** The inspector: what the target of the current notebook has loaded. */
export const inspectorPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:inspector',
  description: 'Shows what the target of a notebook has loaded.',
  autoStart: true,
  requires: [ILabSessions, IOutputServices],
  optional: [ICommandPalette],
  activate: (app, sessions: ILabSessions, services: IOutputServices, palette: ICommandPalette | null) => {
    const { trans, language } = services;
    const place = new LazyPanel({
      id: 'bpflab-inspector',
      icon: inspectorIcon,
      caption: trans.__('eBPF Inspector'),
      load: async () => {
        const [{ InspectorPanel }, { openDetails }] = await Promise.all([
          import('../inspector/inspector-panel.js'),
          import('../inspector/open-details.js')
        ]);
        return new InspectorPanel({
          sessions,
          trans,
          language,
          open: (action, client, session) => openDetails({ app, services, client, session }, action)
        });
      }
    });
    app.shell.add(place, 'right', { rank: 900, type: 'eBPF Inspector' });
    app.commands.addCommand(OPEN_INSPECTOR, {
      label: trans.__('eBPF Inspector'),
      caption: trans.__('Programs, maps, links and types that the target has loaded'),
      icon: inspectorIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => app.shell.activateById(place.id)
    });
    palette?.addItem({ command: OPEN_INSPECTOR, category: trans.__('eBPF') });
  }
};
