import type { NotebookPanel } from '@jupyterlab/notebook';
import type { FollowedNotebook } from 'kernel-gateway/protocol';
import { FollowSocket } from './follow-socket.js';

/** What is typed is told this long after. */
const PAUSE_MS = 40;

const typeOf = (type: string): 'code' | 'markdown' | 'raw' => (type === 'code' || type === 'raw' ? type : 'markdown');

/** Tells followers the text of a notebook and the cell that its owner is at; `onViewers` hears how many watch. Returns how to end it. */
export function showNotebook(panel: NotebookPanel, onViewers: (count: number) => void, onEnd: () => void): () => void {
  let timer = 0;
  const tell = (): void => {
    timer = 0;
    const { model, activeCell } = panel.content;
    const cells = [...(model?.cells ?? [])].map(({ id, type, sharedModel }) => ({
      id,
      type: typeOf(type),
      source: sharedModel.getSource()
    }));
    socket.send({ type: 'notebook', cells, active: activeCell?.model.id ?? '' } satisfies FollowedNotebook);
  };
  const tellSoon = (): void => {
    timer = timer === 0 ? window.setTimeout(tell, PAUSE_MS) : timer;
  };
  const end = (): void => {
    window.clearTimeout(timer);
    panel.content.modelContentChanged.disconnect(tellSoon);
    panel.content.activeCellChanged.disconnect(tellSoon);
    socket.dispose();
  };
  const socket = new FollowSocket(panel.context.localPath, {
    onOpen: tell,
    onMessage: message => {
      if (message.type === 'viewers') {
        onViewers(message.count);
      }
    },
    onEnd: () => {
      end();
      onEnd();
    }
  });
  panel.content.modelContentChanged.connect(tellSoon);
  panel.content.activeCellChanged.connect(tellSoon);
  panel.disposed.connect(end);
  return end;
}
