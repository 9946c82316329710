import { CodeCell, type Cell } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import { cellOutline, type IOutlineEntry } from './cell-outline.js';

/** Level of entries in the table of contents: below the headings of lessons. */
const LEVEL = 4;
/** `Cell.HeadingType.HTML`: the text is not read as Markdown. */
const PLAIN = 0;

/** Whether a cell is of a notebook of ours. */
function isOurs(cell: CodeCell): boolean {
  const kernelspec = cell.model.sharedModel.notebook?.getMetadata('kernelspec') as { name?: string } | undefined;
  return kernelspec?.name === 'bpflab';
}

function textOf({ kind, name, detail }: IOutlineEntry, trans: TranslationBundle): string {
  switch (kind) {
    case 'program':
      return trans.__('%1 (%2)', name, detail);
    case 'map':
      return trans.__('%1 (map, %2)', name, detail);
    case 'function':
      return trans.__('%1 (function)', name);
  }
}

/**
 * Puts programs, maps and functions of our cells into JupyterLab's table of contents. It has no place to register
 * headings of code: cells are asked for their own, and so they are given some.
 */
export function addOutlineHeadings(trans: TranslationBundle): void {
  const ofOutputs = CodeCell.prototype.getHeadings;
  const known = new WeakMap<CodeCell, { source: string; headings: Cell.IHeading[] }>();
  CodeCell.prototype.getHeadings = async function (this: CodeCell): Promise<Cell.IHeading[]> {
    const others = await ofOutputs.call(this);
    if (!isOurs(this)) {
      return others;
    }
    const source = this.model.sharedModel.getSource();
    let entry = known.get(this);
    if (entry?.source !== source) {
      const headings = cellOutline(source).map(one => ({ text: textOf(one, trans), level: LEVEL, type: PLAIN }));
      entry = { source, headings };
      known.set(this, entry);
    }
    return [...entry.headings, ...others];
  };
}
