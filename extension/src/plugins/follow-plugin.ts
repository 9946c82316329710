import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification, showDialog } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { element } from '../dom/element.js';
import { IOutputServices } from '../tokens.js';

/** Id of the command; also in schema/commands.json. */
const SHARE = 'bpflab:share-live';

/** The address that others open. */
async function showLink(link: string, trans: TranslationBundle): Promise<void> {
  const url = new URL(link, ServerConnection.makeSettings().baseUrl).href;
  const field = element('input', { type: 'text', readonly: true, value: url, class: 'jp-mod-styled', size: 60 });
  const body = new Widget();
  body.addClass('jp-BpflabNote');
  const isOwnMachine = /^(localhost|127\.|\[::1\])/.test(new URL(url).hostname);
  const sentences = [
    trans.__('Whoever has this address sees the notebook and its live views, and can change nothing.'),
    ...(isOwnMachine
      ? [trans.__('It opens on this computer only. For others, start the server with --ip 0.0.0.0.')]
      : [])
  ];
  body.node.append(
    ...sentences.map(sentence => element('p', {}, sentence)),
    element('label', { class: 'jp-BpflabNote-field' }, trans.__('Address'), field)
  );
  const copy = Dialog.okButton({ label: trans.__('Copy') });
  const buttons = [Dialog.cancelButton({ label: trans.__('Close') }), copy];
  const { button } = await showDialog({ title: trans.__('Show Live'), body, buttons, focusNodeSelector: 'input' });
  if (button.accept) {
    await navigator.clipboard.writeText(url);
  }
}

class Shows {
  constructor(trans: TranslationBundle, onChange: () => void) {
    this._trans = trans;
    this._onChange = onChange;
  }

  has(panel: NotebookPanel | null): boolean {
    return panel !== null && this._shown.has(panel);
  }

  /** Of a page that was reloaded: what is shown goes on. */
  async resume(panel: NotebookPanel): Promise<void> {
    await panel.context.ready;
    const { sharedNotebooks } = await import('../follow/follow-socket.js');
    const shared = await sharedNotebooks().catch(() => []);
    if (shared.some(({ path }) => path === panel.context.localPath)) {
      await this._begin(panel);
    }
  }

  async toggle(panel: NotebookPanel): Promise<void> {
    const path = panel.context.localPath;
    const share = !this._shown.has(panel);
    const { sharedNotebooks } = await import('../follow/follow-socket.js');
    // Followers begin with the file, and hear of changes from then on.
    if (share && panel.context.model.dirty) {
      await panel.context.save();
    }
    const shared = await sharedNotebooks({ path, share });
    if (!share) {
      this._end(panel);
      return;
    }
    await this._begin(panel);
    await showLink(shared.find(one => one.path === path)?.link ?? '', this._trans);
  }

  private async _begin(panel: NotebookPanel): Promise<void> {
    const { showNotebook } = await import('../follow/show-notebook.js');
    const chip = new Widget({ node: element('span', { class: 'jp-BpflabViewers', role: 'status' }) });
    const end = showNotebook(
      panel,
      count => (chip.node.textContent = this._trans.__('Shown live, %1 watching', count)),
      () => this._end(panel)
    );
    panel.toolbar.insertAfter('bpflab-reset', 'bpflab-viewers', chip);
    this._shown.set(panel, () => {
      end();
      chip.dispose();
    });
    this._onChange();
  }

  private _end(panel: NotebookPanel): void {
    this._shown.get(panel)?.();
    this._shown.delete(panel);
    this._onChange();
  }

  private readonly _trans: TranslationBundle;
  private readonly _onChange: () => void;
  private readonly _shown = new Map<NotebookPanel, () => void>();
}

/** Shows a notebook to followers; in a follower's page, follows it. */
export const followPlugin: JupyterFrontEndPlugin<void> = {
  id: '@bpflab/extension:follow',
  description: 'Shows a notebook live to others, who can only look.',
  autoStart: true,
  requires: [INotebookTracker, IOutputServices],
  optional: [ICommandPalette],
  activate: (app, tracker: INotebookTracker, services: IOutputServices, palette: ICommandPalette | null) => {
    const { trans } = services;
    if (PageConfig.getOption('bpflabServer') !== 'true') {
      return;
    }
    if (PageConfig.getOption('bpflabFollower') === 'true') {
      tracker.widgetAdded.connect((_, panel) => {
        void import('../follow/follow-notebook.js').then(({ followNotebook }) => followNotebook(panel, trans));
      });
      return;
    }
    const { commands } = app;
    const shows = new Shows(trans, () => commands.notifyCommandChanged(SHARE));
    tracker.widgetAdded.connect((_, panel) => void shows.resume(panel));
    tracker.currentChanged.connect(() => commands.notifyCommandChanged(SHARE));
    commands.addCommand(SHARE, {
      label: () => (shows.has(tracker.currentWidget) ? trans.__('Stop Showing Live') : trans.__('Show Live…')),
      caption: trans.__('Others open a link and see this notebook and its live views'),
      isEnabled: () => tracker.currentWidget !== null,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        const panel = tracker.currentWidget;
        try {
          await (panel === null ? undefined : shows.toggle(panel));
        } catch (error) {
          Notification.error(error instanceof Error ? error.message : String(error), { autoClose: 10_000 });
        }
      }
    });
    palette?.addItem({ command: SHARE, category: trans.__('eBPF') });
  }
};
