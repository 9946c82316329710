import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { FollowedCell, FollowedNotebook } from 'kernel-gateway/protocol';
import { button } from '../dom/button.js';
import { element } from '../dom/element.js';
import { FollowSocket } from './follow-socket.js';

/** Makes the notebook's cells those of its owner, by their ids; what stays in place keeps its outputs. */
function apply(panel: NotebookPanel, cells: readonly FollowedCell[]): void {
  const shared = panel.content.model?.sharedModel;
  if (shared === undefined) {
    return;
  }
  shared.transact(() => {
    const wanted = new Set(cells.map(cell => cell.id));
    for (let index = shared.cells.length - 1; index >= 0; index--) {
      if (!wanted.has(shared.getCell(index).getId())) {
        shared.deleteCell(index);
      }
    }
    for (const [index, { id, type, source }] of cells.entries()) {
      const at = shared.cells.findIndex(cell => cell.getId() === id);
      if (at === -1) {
        shared.insertCell(index, { id, cell_type: type, source });
      } else if (at !== index) {
        shared.moveCell(at, index);
      }
      const cell = shared.getCell(index);
      if (cell.getSource() !== source) {
        cell.setSource(source);
      }
    }
  }, false);
}

/** The notebook as a file of the follower's own. */
function takeCopy(panel: NotebookPanel): void {
  const text = JSON.stringify(panel.context.model.toJSON(), null, 1);
  const url = URL.createObjectURL(new Blob([text], { type: 'application/x-ipynb+json' }));
  const name = panel.context.localPath.split('/').at(-1) ?? 'notebook.ipynb';
  element('a', { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

/** How the notebook runs in a session of the follower's own; the page does not know the token of its address. */
async function explainFork(trans: TranslationBundle): Promise<void> {
  const body = trans.__(
    'In a bpflab of your own, choose eBPF → Fork a Shown Notebook… and paste the address that you were given. You get the notebook as it is then, and a session of your own to run it in.'
  );
  await showDialog({
    title: trans.__('Run It Yourself'),
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}

/** Shows in a page of a follower what the owner's page tells; nothing can be changed in it. */
export async function followNotebook(panel: NotebookPanel, trans: TranslationBundle): Promise<void> {
  await panel.revealed;
  const text = element('span', { role: 'status' }, trans.__('You follow this notebook. It cannot be changed here.'));
  let isAlong = true;
  const along = element('input', { type: 'checkbox', checked: true, change: () => (isAlong = along.checked) });
  const bar = new Widget();
  bar.addClass('jp-BpflabPlayer');
  bar.node.append(
    text,
    element('label', {}, along, trans.__('Go along')),
    button({
      label: trans.__('Take a Copy'),
      text: trans.__('Take a Copy'),
      caption: trans.__('Save this notebook with its outputs as a file of your own'),
      onClick: () => takeCopy(panel)
    }),
    button({
      label: trans.__('Run It Yourself…'),
      text: trans.__('Run It Yourself…'),
      caption: trans.__('Take this notebook into a session of your own'),
      onClick: () => void explainFork(trans)
    })
  );
  panel.contentHeader.addWidget(bar);
  // Nothing on it can be done here.
  panel.toolbar.hide();
  panel.addClass('jp-mod-bpflabFollowed');
  const lock = (): void => panel.content.widgets.forEach(cell => (cell.readOnly = true));
  const goTo = ({ active }: FollowedNotebook): void => {
    const index = panel.content.widgets.findIndex(cell => cell.model.id === active);
    if (isAlong && index >= 0 && index !== panel.content.activeCellIndex) {
      panel.content.activeCellIndex = index;
      void panel.content.scrollToItem(index, 'smart');
    }
  };
  const socket = new FollowSocket(panel.context.localPath, {
    onMessage: message => {
      if (message.type === 'notebook') {
        apply(panel, message.cells);
        lock();
        goTo(message);
      }
    },
    onEnd: () => {
      text.textContent = trans.__('The notebook is not shown any more.');
    }
  });
  lock();
  panel.disposed.connect(() => socket.dispose());
}
