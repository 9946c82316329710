/**
 * A lab's Markdown as a notebook: docs/reference/lab-format.md is the format's description. Hints are left out; a code cell's
 * metadata say which step it belongs to and what its name is.
 */
import { createHash } from 'node:crypto';
import { notebookMetadata } from '../../../core/kernel/notebook-metadata.js';
import { joinChineseLines } from '../../../core/labs/join-chinese-lines.js';
import type { LabPart } from '../../../core/labs/lab.js';
import { readPage } from '../../../core/labs/read-page.js';
import { markdownBlocks } from '../../labs/markdown-blocks.js';
import type { Notebook } from '../contents/notebook-file.js';

/** Where the notebook came from, kept in its metadata. */
export interface LabOrigin {
  id: string;
  language: string;
}

type Cell = Notebook['cells'][number];

/** The notebook of a page; the same text gives the same one each time. */
export function labNotebook(markdown: string, origin: LabOrigin): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      ...notebookMetadata,
      bpflab: { lab: origin.id, language: origin.language }
    },
    cells: labCells(readPage(markdown, markdownBlocks).parts, origin.id).map(({ cellId, part }) =>
      newCell(cellId, part)
    )
  };
}

/** Parts of a page that are cells; ids are made of the lab's id and the cell's number. Markdown that only a hint parts is one cell. */
export function labCells(
  parts: readonly LabPart[],
  lab: string
): { cellId: string; part: Exclude<LabPart, { kind: 'hint' }> }[] {
  const cells: Exclude<LabPart, { kind: 'hint' }>[] = [];
  for (const part of parts) {
    const last = cells.at(-1);
    if (part.kind === 'hint') continue;
    if (part.kind === 'markdown' && last?.kind === 'markdown' && last.step === part.step) {
      cells[cells.length - 1] = { ...last, text: `${last.text}\n\n${part.text}` };
    } else cells.push(part);
  }
  return cells.map((part, index) => ({ cellId: idOf(`${lab} ${index}`), part }));
}

const idOf = (seed: string): string => createHash('sha256').update(seed).digest('hex').slice(0, 12);

function newCell(id: string, part: Exclude<LabPart, { kind: 'hint' }>): Cell {
  const { kind, step, text } = part;
  const metadata =
    step === '' ? {} : { bpflab: { step, ...(kind === 'code' && part.name ? { name: part.name } : {}) } };
  const source = kind === 'markdown' ? joinChineseLines(text) : text;
  const cell: Cell = { cell_type: kind, id, metadata, source };
  return kind === 'code' ? { ...cell, execution_count: null, outputs: [] } : cell;
}
