/** The gallery of rejections: each wrong program is refused, and explained, for its own reason; each right one loads. */
import { expect, it } from 'vitest';
import { explanationTable } from '../../kernel-gateway/src/core/verifier/explain.js';
import { inOneSession } from './on-each-target.js';
import { expectRefusedAndMended, rejections } from './rejections.js';

inOneSession('the gallery of rejections', cells => {
  it.each(rejections)('$name: is refused as $kind and explained; the fix loads', async rejection => {
    await expectRefusedAndMended(cells(), rejection);
  });
});

it('covers at least 25 rejections, each with a row of the table', () => {
  expect(rejections.length).toBeGreaterThanOrEqual(25);
  const kinds = new Set(explanationTable.map(row => row.kind));
  expect(rejections.filter(({ kind }) => !kinds.has(kind))).toEqual([]);
});
