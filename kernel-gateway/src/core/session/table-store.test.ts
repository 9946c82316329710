import { expect, it } from 'vitest';
import { windowCells } from '../../../../test/fixtures/event-rows.mjs';
import { TableStore } from './table-store.js';

it('sorts and filters text by what it says', () => {
  const store = new TableStore([
    { name: 'name', kind: 'text', role: 'key' },
    { name: 'count', kind: 'i64', role: 'value' }
  ]);
  store.replace([
    ['pear', 1n],
    ['apple', -2n],
    ['fig', 3n]
  ]);
  const sort = { column: 'name', descending: false };
  expect(windowCells(store, { sort })).toEqual([
    ['apple', '-2'],
    ['fig', '3'],
    ['pear', '1']
  ]);
  expect(windowCells(store, { where: 'name ~ "P" && count < 0' })).toEqual([['apple', '-2']]);
});
