import { describe, expect, it } from 'vitest';
import { cellText, cellTitle } from './cell-text.js';

describe('cellText', () => {
  it('shows times of day to the microsecond', () => {
    expect(cellText('1763883072123456789', { unit: 'unix_ns' })).toMatch(/^\d\d:31:12\.123456$/);
    expect(cellTitle('1763883072123456789', { unit: 'unix_ns' })).toBe(
      '2025-11-23T07:31:12.123Z · 1763883072123456789 ns'
    );
  });

  it('leaves other values as they are', () => {
    expect(cellText('00012', { unit: 'ns' })).toBe('00012');
    expect(cellText('', { unit: 'unix_ns' })).toBe('');
  });
});
