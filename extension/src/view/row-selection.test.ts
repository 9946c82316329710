import { describe, expect, it } from 'vitest';
import { moveSelection, selectedRange } from './row-selection.js';

const options = { extend: false, pageRows: 10, totalRows: 100, startRow: 40 };

describe('moveSelection', () => {
  it('begins with the first row in view', () => {
    expect(moveSelection(null, 'ArrowDown', options)).toEqual({ anchor: 40, active: 40 });
  });

  it('moves by rows and pages and stops at both ends', () => {
    expect(moveSelection({ anchor: 5, active: 5 }, 'ArrowUp', options)).toEqual({ anchor: 4, active: 4 });
    expect(moveSelection({ anchor: 5, active: 5 }, 'PageUp', options)).toEqual({ anchor: 0, active: 0 });
    expect(moveSelection({ anchor: 95, active: 95 }, 'PageDown', options)).toEqual({ anchor: 99, active: 99 });
    expect(moveSelection(null, 'End', options)).toEqual({ anchor: 99, active: 99 });
  });

  it('extends from the anchor', () => {
    const extended = moveSelection({ anchor: 5, active: 5 }, 'Home', { ...options, extend: true });
    expect(extended).toEqual({ anchor: 5, active: 0 });
    expect(extended && selectedRange(extended)).toEqual({ first: 0, last: 5 });
  });

  it('selects nothing where there is nothing', () => {
    expect(moveSelection(null, 'ArrowDown', { ...options, totalRows: 0 })).toBeNull();
  });
});
