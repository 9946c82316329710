/**
 * Tallest content that browsers lay out exactly (Chromium stops at 2^25 px, Firefox at about 17.8 million).
 * More rows than fit are reached by scrolling faster than one row per row height.
 */
export const MAX_CONTENT_PX = 8_000_000;

/** What is known about a scrolled list: rows in all, heights in CSS pixels, the scroll position. */
export interface IScrollState {
  totalRows: number;
  rowPx: number;
  viewPx: number;
  scrollTopPx: number;
}

/** Which rows to draw, and the empty space above and below them that makes the scroll bar tell the truth. */
export interface IScrollLayout {
  first: number;
  count: number;
  abovePx: number;
  belowPx: number;
}

/** Height of the scrolled content. */
export const contentPx = ({ totalRows, rowPx }: Pick<IScrollState, 'totalRows' | 'rowPx'>): number =>
  Math.min(totalRows * rowPx, MAX_CONTENT_PX);

/** Lays out a list of equally high rows, with `overscan` rows more than fit on either side. */
export function scrollLayout(state: IScrollState, overscan: number): IScrollLayout {
  const { totalRows, rowPx, viewPx } = state;
  const content = contentPx(state);
  const fullPx = totalRows * rowPx;
  const maxScrollPx = Math.max(0, content - viewPx);
  const scrollTopPx = Math.min(Math.max(0, state.scrollTopPx), maxScrollPx);
  // Position in the full list, of which the scrolled content may be a compressed picture.
  const fullTopPx = maxScrollPx === 0 ? 0 : (scrollTopPx / maxScrollPx) * Math.max(0, fullPx - viewPx);
  const firstVisible = Math.floor(fullTopPx / rowPx);
  const first = Math.max(0, firstVisible - overscan);
  const end = Math.min(totalRows, Math.ceil((fullTopPx + viewPx) / rowPx) + overscan);
  const count = Math.max(0, end - first);
  const abovePx = Math.max(0, scrollTopPx - (fullTopPx - first * rowPx));
  return { first, count, abovePx, belowPx: Math.max(0, content - abovePx - count * rowPx) };
}

/** Scroll position that shows `row`: unchanged when it is in view, else the nearest that shows it whole. */
export function scrollTopFor(row: number, state: IScrollState): number {
  const { totalRows, rowPx, viewPx, scrollTopPx } = state;
  const maxScrollPx = Math.max(0, contentPx(state) - viewPx);
  const maxFullPx = Math.max(0, totalRows * rowPx - viewPx);
  if (maxScrollPx === 0) {
    return 0;
  }
  const scale = maxFullPx / maxScrollPx;
  const fullTopPx = scrollTopPx * scale;
  if (row * rowPx < fullTopPx) {
    return (row * rowPx) / scale;
  }
  if ((row + 1) * rowPx > fullTopPx + viewPx) {
    return Math.min(maxScrollPx, ((row + 1) * rowPx - viewPx) / scale);
  }
  return scrollTopPx;
}
