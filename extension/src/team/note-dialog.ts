import { Dialog, showDialog } from '@jupyterlab/apputils';
import { CodeCell, type Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import type { TeamCommand, TeamProposal } from 'kernel-gateway/protocol';
import { element } from '../dom/element.js';
import { outputText } from '../monaco/output-text.js';

/** Longest output that goes into a note, in characters. */
const MAX_OUTPUT = 4000;

/** What a note begins with. */
export interface INoteStart {
  trans: TranslationBundle;
  /** The notebook that the note is about; null: of none. */
  panel: NotebookPanel | null;
  /** Release of the kernel and target, for notes with a cell. */
  versions: string;
  proposal?: TeamProposal;
}

type Note = Extract<TeamCommand, { type: 'note' }>;

/** Title, text, tags and whether the cell goes along; null when the dialog is left. */
class NoteForm extends Widget implements Dialog.IBodyWidget<Note> {
  constructor(start: INoteStart) {
    super();
    this.addClass('jp-BpflabNote');
    const { trans, panel, proposal } = start;
    this._start = start;
    this._title = element('input', { type: 'text', value: proposal?.title ?? '', class: 'jp-mod-styled' });
    this._text = element('textarea', { rows: 6, class: 'jp-mod-styled' });
    this._text.value = proposal?.text ?? '';
    this._tags = element('input', { type: 'text', class: 'jp-mod-styled', placeholder: trans.__('maps ringbuf') });
    this._cell = element('input', { type: 'checkbox' });
    this.node.append(
      labelled(trans.__('Title'), this._title),
      labelled(trans.__('Text (Markdown)'), this._text),
      labelled(trans.__('Tags'), this._tags)
    );
    if (panel?.content.activeCell instanceof CodeCell) {
      this.node.append(element('label', {}, this._cell, trans.__('With the cell, its output, kernel and versions')));
    }
  }

  getValue(): Note {
    const { panel, proposal, versions } = this._start;
    const cell = panel?.content.activeCell ?? null;
    const parts = [this._text.value, panel === null ? '' : linkOf(panel, cell)];
    if (cell instanceof CodeCell && this._cell.checked) {
      parts.push(versions, fenced('c', cell.model.sharedModel.getSource()), fenced('text', outputText(cell)));
    }
    return {
      type: 'note',
      title: this._title.value,
      text: parts.filter(part => part.trim() !== '').join('\n\n'),
      tags: this._tags.value.split(/[\s,#]+/).filter(tag => tag !== ''),
      ...(proposal === undefined ? {} : { proposal: proposal.id })
    };
  }

  private readonly _start: INoteStart;
  private readonly _title: HTMLInputElement;
  private readonly _text: HTMLTextAreaElement;
  private readonly _tags: HTMLInputElement;
  private readonly _cell: HTMLInputElement;
}

const labelled = (label: string, node: HTMLElement): HTMLElement =>
  element('label', { class: 'jp-BpflabNote-field' }, element('span', {}, label), node);

/** From the log's folder, four levels below the notebook folder. */
function linkOf(panel: NotebookPanel, cell: Cell | null): string {
  const { path } = panel.context;
  const place = path.split('/').map(encodeURIComponent).join('/');
  return `[${path}](../../../../${place}${cell === null ? '' : `#cell-id=${cell.model.id}`})`;
}

/** A fence that is longer than any within. */
function fenced(language: string, text: string): string {
  if (text.trim() === '') {
    return '';
  }
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(match => match[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.slice(0, MAX_OUTPUT)}\n${fence}`;
}

/** Title and text of a discussion, and what it is about; null: it was left. */
export async function askForDiscussion(
  panel: NotebookPanel | null,
  trans: TranslationBundle
): Promise<Extract<TeamCommand, { type: 'discuss' }> | null> {
  const title = element('input', { type: 'text', class: 'jp-mod-styled' });
  const text = element('textarea', { rows: 6, class: 'jp-mod-styled' });
  const body = new Widget();
  body.addClass('jp-BpflabNote');
  const cell = panel?.content.activeCell?.model.id;
  const about = panel === null ? '' : `${panel.context.path}${cell === undefined ? '' : `#cell-id=${cell}`}`;
  body.node.append(labelled(trans.__('Title'), title), labelled(trans.__('Text (Markdown)'), text));
  const result = await showDialog({
    title: trans.__('New Discussion'),
    body,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Begin') })],
    focusNodeSelector: 'input'
  });
  return result.button.accept ? { type: 'discuss', title: title.value, text: text.value, about } : null;
}

/** Asks for a note. Null: it was left. */
export async function askForNote(start: INoteStart): Promise<Note | null> {
  const { trans } = start;
  const result = await showDialog({
    title: trans.__('Note for My Log'),
    body: new NoteForm(start),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Write') })],
    focusNodeSelector: 'input'
  });
  return result.button.accept ? result.value : null;
}
