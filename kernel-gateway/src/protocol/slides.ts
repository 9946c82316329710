/** How a notebook is cut into slides, version 1: the same on screen, in an exported page, and for who follows. */

/** What a slide a cell is, as nbconvert and JupyterLab write it into its metadata (`slideshow.slide_type`). */
export type SlideType = 'slide' | 'subslide' | 'fragment' | 'skip' | 'notes' | '';

/** The part of a cell that says where slides begin. */
export interface SlideSource {
  type: string;
  source: string;
  slide: SlideType;
}

/** One screen. Numbers are places of cells in the notebook. */
export interface Slide {
  /** Cells in order; one with `step` n is shown after n steps on (0: at once). */
  cells: { index: number; step: number }[];
  /** Cells that only the speaker sees. */
  notes: number[];
  /** Steps after which all of it is shown. */
  steps: number;
}

/**
 * Slides of a notebook. Cells that say what they are (`slide`, `subslide`, `fragment`, `notes`, `skip`) are followed; in a
 * notebook that has no slide, one begins at each heading of level 1 or 2.
 */
export function slidesOf(cells: readonly SlideSource[]): Slide[] {
  const isTold = cells.some(({ slide }) => slide === 'slide' || slide === 'subslide');
  const slides: Slide[] = [];
  for (const [index, cell] of cells.entries()) {
    if (cell.slide === 'skip') continue;
    if (slides.length === 0 || begins(cell, isTold)) slides.push({ cells: [], notes: [], steps: 0 });
    const current = slides[slides.length - 1];
    if (current === undefined) continue;
    if (cell.slide === 'notes') current.notes.push(index);
    else {
      if (cell.slide === 'fragment') current.steps++;
      current.cells.push({ index, step: current.steps });
    }
  }
  return slides;
}

const begins = ({ slide, type, source }: SlideSource, isTold: boolean): boolean =>
  slide === 'notes'
    ? false
    : isTold
      ? slide === 'slide' || slide === 'subslide'
      : type === 'markdown' && /^\s{0,3}#{1,2}\s/.test(source);

/** The slide type in a cell's metadata; empty for what is none. */
export function slideType(metadata: unknown): SlideType {
  const slideshow = (metadata as { slideshow?: { slide_type?: unknown } } | null | undefined)?.slideshow;
  const type = slideshow?.slide_type;
  return type === 'slide' || type === 'subslide' || type === 'fragment' || type === 'skip' || type === 'notes'
    ? type
    : '';
}
