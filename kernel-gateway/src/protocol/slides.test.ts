import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slidesOf, slideType, type SlideSource, type SlideType } from './slides.js';

const cell = (source: string, slide: SlideType = '', type = 'markdown'): SlideSource => ({ type, source, slide });
const code = (slide: SlideType = ''): SlideSource => cell('int x;', slide, 'code');

describe('slides of a notebook', () => {
  it('begin where the author says so, with steps and notes', () => {
    const slides = slidesOf([
      cell('# One', 'slide'),
      cell('## not here'),
      code('fragment'),
      cell('seen with it'),
      cell('say hello', 'notes'),
      cell('left out', 'skip'),
      code('subslide')
    ]);
    expect(slides).toEqual([
      {
        cells: [
          { index: 0, step: 0 },
          { index: 1, step: 0 },
          { index: 2, step: 1 },
          { index: 3, step: 1 }
        ],
        notes: [4],
        steps: 1
      },
      { cells: [{ index: 6, step: 0 }], notes: [], steps: 0 }
    ]);
  });

  it('begin at each heading of level 1 or 2 where nobody says so', () => {
    const slides = slidesOf([code(), cell('# One'), code(), cell('### small'), cell('## Two')]);
    expect(slides.map(({ cells }) => cells.map(({ index }) => index))).toEqual([[0], [1, 2, 3], [4]]);
  });

  it('have every cell that is not left out exactly once', () => {
    const types: SlideType[] = ['slide', 'subslide', 'fragment', 'skip', 'notes', ''];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...types), fc.constantFrom('# a', 'b'))), specs => {
        const slides = slidesOf(specs.map(([slide, source]) => cell(source, slide)));
        const seen = slides.flatMap(({ cells, notes }) => [...cells.map(({ index }) => index), ...notes]);
        const wanted = specs.flatMap(([slide], index) => (slide === 'skip' ? [] : [index]));
        expect(seen.sort((a, b) => a - b)).toEqual(wanted);
      })
    );
  });

  it('take only the types that there are from metadata', () => {
    expect(slideType({ slideshow: { slide_type: 'notes' } })).toBe('notes');
    for (const odd of [null, 1, {}, { slideshow: null }, { slideshow: { slide_type: {} } }])
      expect(slideType(odd)).toBe('');
  });
});
