/** The gallery of rejections: each wrong program is refused, and explained, for its own reason; each right one loads. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { explanationTable } from '../../kernel-gateway/src/core/verifier/explain.js';
import type { DiagnosisBundle } from '../../kernel-gateway/src/protocol/index.js';
import { inOneSession } from './on-each-target.js';
import { rejections, type Rejection } from './rejections.js';

function expectExplained(bundle: DiagnosisBundle | undefined, { kind, also = [], line }: Rejection): void {
  if (!bundle?.explanation) throw new Error('There is no explanation.');
  const { explanation, items } = bundle;
  expect([kind, ...also]).toContain(explanation.kind);
  // The magic is the cell's first line.
  expect((items[0]?.line ?? 1) - 1).toBe(line);
  for (const text of [explanation.why, explanation.write]) {
    expect(text.en).not.toMatch(/\{|\?/);
    expect(text.zh).toMatch(/[\u4e00-\u9fff]/);
    expect(text.zh).not.toMatch(/\{|\?/);
  }
}

inOneSession('the gallery of rejections', cells => {
  const load = (rejection: Rejection, side: 'wrong' | 'right') => {
    const body = readFileSync(`${rejection.folder}/${side}.bpf.c`, 'utf8');
    const name = rejection.name.replaceAll('-', '_');
    return cells().run(`%%bpf ${name} --no-attach\n${body}`, rejection.name);
  };

  it.each(rejections)('$name: is refused as $kind and explained; the fix loads', async rejection => {
    const { outcome } = await load(rejection, 'wrong');
    expect(outcome).toMatchObject({ kind: 'failed', code: 'BPFLAB_VERIFIER_REJECTED' });
    expectExplained(cells().diagnosis(), rejection);
    expect((await load(rejection, 'right')).outcome).toEqual({ kind: 'ok' });
  });
});

it('covers at least 25 rejections, each with a row of the table', () => {
  expect(rejections.length).toBeGreaterThanOrEqual(25);
  const kinds = new Set(explanationTable.map(row => row.kind));
  expect(rejections.filter(({ kind }) => !kinds.has(kind))).toEqual([]);
});
