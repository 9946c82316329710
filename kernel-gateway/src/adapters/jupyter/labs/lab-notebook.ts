/**
 * A lab's Markdown as a notebook: docs/reference/lab-format.md is the format's description.
 *
 * A fenced block whose info string has the word `cell` is a code cell, everything between is Markdown. The fence's
 * language is for readers of the file; a cell's own magic says what it is.
 */
import { createHash } from 'node:crypto';
import { lexer } from 'marked';
import type { Notebook } from '../contents/notebook-file.js';

/** Where the notebook came from, kept in its metadata. */
export interface LabOrigin {
  id: string;
  language: string;
}

type Cell = Notebook['cells'][number];

/** Cell ids are made of the lab's id and the cell's number: a lab that is opened again has the same ones. */
export function labNotebook(markdown: string, origin: LabOrigin): Notebook {
  const cells: Cell[] = [];
  let text = '';
  const endText = (): void => {
    if (text.trim() !== '') cells.push(newCell('markdown', text.trim(), `${origin.id} ${cells.length}`));
    text = '';
  };
  for (const token of lexer(markdown)) {
    if (token.type === 'code' && isCell(token['lang'] as string | undefined)) {
      endText();
      cells.push(newCell('code', token['text'] as string, `${origin.id} ${cells.length}`));
    } else text += token.raw;
  }
  endText();
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: 'bpflab', display_name: 'eBPF (C)', language: 'c' },
      language_info: { name: 'c', mimetype: 'text/x-csrc', file_extension: '.bpf.c' },
      bpflab: { lab: origin.id, language: origin.language }
    },
    cells
  };
}

/** Whether an info string has the word: not one that is itself made of fences, which is text that only looks like one. */
const isCell = (info = ''): boolean => !/[`~]/.test(info) && info.split(/\s+/).includes('cell');

function newCell(type: 'code' | 'markdown', source: string, seed: string): Cell {
  const id = createHash('sha256').update(seed).digest('hex').slice(0, 12);
  const cell: Cell = { cell_type: type, id, metadata: {}, source };
  return type === 'code' ? { ...cell, execution_count: null, outputs: [] } : cell;
}
