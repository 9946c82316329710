import type { EditorView } from '@codemirror/view';
import type { Cell } from '@jupyterlab/cells';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import type { LabSession } from '../session/lab-session.js';
import type { LabSessions } from '../session/lab-sessions.js';

/** The code cell that has the focus in a notebook of ours, with its editor and session. */
export interface IActiveEditor {
  cell: Cell;
  view: EditorView;
  session: LabSession;
}

/** The editor of a cell, null while a windowed notebook has made none. */
function viewOf(cell: Cell): EditorView | null {
  return cell.isDisposed ? null : ((cell.editor as CodeMirrorEditor | null)?.editor ?? null);
}

/** See `IActiveEditor`; null when there is none. */
export function activeEditor(sessions: LabSessions): IActiveEditor | null {
  const cell = sessions.currentPanel?.content.activeCell ?? null;
  const session = sessions.current;
  const view = cell === null ? null : viewOf(cell);
  if (cell === null || view === null || session?.isLab !== true || cell.model.type !== 'code') {
    return null;
  }
  return { cell, view, session };
}
