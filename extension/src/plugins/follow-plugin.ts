import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, InputDialog, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { element } from '../dom/element.js';
import { refusalInLanguage } from '../session/refusal-in-language.js';
import { IOutputServices } from '../tokens.js';

/** Ids of the commands; also in schema/commands.json. */
const SHARE = 'bpflab:share-live';
const FORK = 'bpflab:fork-shown';

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
    const { showAddress } = await import('../follow/show-address.js');
    await showAddress(shared.find(one => one.path === path)?.link ?? '', this._trans);
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

/** Takes a notebook that somebody else shows, and opens it. */
function addFork(app: JupyterFrontEnd, { trans, language }: IOutputServices): void {
  app.commands.addCommand(FORK, {
    label: trans.__('Fork a Shown Notebook…'),
    caption: trans.__('Take a notebook that somebody shows live, and run it in a session of your own'),
    describedBy: {
      args: { type: 'object', properties: { link: { type: 'string', description: trans.__('Address') } } }
    },
    execute: async args => {
      const link = typeof args['link'] === 'string' ? args['link'] : await askLink(trans);
      if (link === '') {
        return;
      }
      const { forkShown } = await import('../follow/follow-socket.js');
      const answer = await forkShown(link);
      if ('path' in answer) {
        await app.commands.execute('docmanager:open', { path: answer.path });
        return;
      }
      const { message, hint } = refusalInLanguage(answer, language);
      Notification.error(`${message} ${hint}`, { autoClose: 10_000 });
    }
  });
}

async function askLink(trans: TranslationBundle): Promise<string> {
  const { value, button } = await InputDialog.getText({
    title: trans.__('Fork a Shown Notebook'),
    label: trans.__('Address that its owner gave you'),
    okLabel: trans.__('Fork')
  });
  return button.accept ? (value ?? '').trim() : '';
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
    addFork(app, services);
    for (const command of [SHARE, FORK]) {
      palette?.addItem({ command, category: trans.__('eBPF') });
    }
  }
};
