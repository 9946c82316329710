import type { PublishedCell, PublishedNotebook } from './published-notebook.js';

/** One screen: its cells in order, and what the speaker notes for it (Markdown). */
export interface Slide {
  cells: PublishedCell[];
  notes: string[];
}

/**
 * A notebook as screens. Cells that say what slide they are (nbconvert's `slideshow` metadata) are followed; in a notebook
 * that says nothing a screen begins at each heading of level 1 or 2.
 */
export function notebookSlides({ cells }: PublishedNotebook): Slide[] {
  const isTold = cells.some(({ slide }) => slide === 'slide' || slide === 'subslide');
  const slides: Slide[] = [];
  for (const cell of cells) {
    if (cell.slide === 'skip') continue;
    if (slides.length === 0 || (cell.slide !== 'notes' && begins(cell, isTold))) slides.push({ cells: [], notes: [] });
    const current = slides.at(-1);
    if (cell.slide === 'notes') current?.notes.push(cell.source);
    else current?.cells.push(cell);
  }
  return slides.filter(slide => slide.cells.length > 0 || slide.notes.length > 0);
}

const begins = ({ slide, type, source }: PublishedCell, isTold: boolean): boolean =>
  isTold ? slide === 'slide' || slide === 'subslide' : type === 'markdown' && /^\s{0,3}#{1,2}\s/.test(source);
