import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import type { Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';
import { inspectorIcon } from '../icons.js';
import type { InspectorPanel } from '../inspector/inspector-panel.js';
import { ILabSessions, IOutputServices } from '../tokens.js';

/** Id of the command that opens the inspector; also in schema/commands.json. */
const OPEN_INSPECTOR = 'bpflab:open-inspector';

/** The place of the inspector in the side bar; its code is loaded when it is opened for the first time. */
class InspectorPlace extends Widget {
  constructor(load: () => Promise<InspectorPanel>) {
    super();
    this.id = 'bpflab-inspector';
    this.addClass('jp-BpflabInspector-place');
    this.layout = new PanelLayout();
    this._load = load;
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._setShown(true);
  }

  protected override onBeforeHide(message: Message): void {
    super.onBeforeHide(message);
    this._setShown(false);
  }

  private _setShown(shown: boolean): void {
    this._isShown = shown;
    if (shown) {
      this._panel ??= this._load().then(panel => {
        (this.layout as PanelLayout).addWidget(panel);
        return panel;
      });
    }
    void this._panel?.then(panel => (panel.shown = this._isShown));
  }

  private readonly _load: () => Promise<InspectorPanel>;
  private _panel: Promise<InspectorPanel> | null = null;
  private _isShown = false;
}

/** The inspector: what the target of the current notebook has loaded. */
export const inspectorPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:inspector',
  description: 'Shows what the target of a notebook has loaded.',
  autoStart: true,
  requires: [ILabSessions, IOutputServices],
  optional: [ICommandPalette],
  activate: (app, sessions: ILabSessions, services: IOutputServices, palette: ICommandPalette | null) => {
    const { trans } = services;
    const place = new InspectorPlace(async () => {
      const [{ InspectorPanel }, { openDetails }] = await Promise.all([
        import('../inspector/inspector-panel.js'),
        import('../inspector/open-details.js')
      ]);
      return new InspectorPanel({
        sessions,
        trans,
        open: (action, client, session) => openDetails({ app, services, client, session }, action)
      });
    });
    place.title.icon = inspectorIcon;
    place.title.caption = trans.__('eBPF Inspector');
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
