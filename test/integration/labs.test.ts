import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labNotebook } from '../../kernel-gateway/src/adapters/jupyter/labs/lab-notebook.js';
import type { Lab } from '../../kernel-gateway/src/lab.js';
import { requires } from '../requires.js';
import { LabFixture, openLab, type CellResult } from './lab-fixture.js';

const folder = resolve(import.meta.dirname, '../../labs');

interface LabFile {
  title: string;
  expect: { cell: number; text: string; fails?: string }[];
}

const ids = (
  JSON.parse(readFileSync(join(folder, 'courses.json'), 'utf8')) as { courses: { labs: string[] }[] }
).courses.flatMap(course => course.labs);

/** Everything that a reader sees below the cells so far: streams of this cell, and the newest text of every output. */
const seen = (result: CellResult, cells: LabFixture): string =>
  [result.stdout, result.stderr, ...[...cells.displays.values()].map(data => String(data['text/plain']))].join('\n');

requires('vm')('the labs, in the microVM', () => {
  let lab: Lab;
  beforeAll(() => {
    lab = openLab();
  });
  afterAll(() => lab.close());

  it.each(ids)('%s does what its text says, from the first cell to the last', async id => {
    const file = JSON.parse(readFileSync(join(folder, id, 'lab.json'), 'utf8')) as LabFile;
    const notebook = labNotebook(readFileSync(join(folder, id, 'lab.md'), 'utf8'), { id, language: 'en' });
    const cells = new LabFixture(lab, 'vm');
    try {
      let number = 0;
      for (const cell of notebook.cells.filter(each => each.cell_type === 'code')) {
        number += 1;
        const expected = file.expect.find(item => item.cell === number) ?? null;
        const result = await cells.run([cell.source].flat().join(''));
        const outcome = result.outcome.kind === 'failed' ? result.outcome.code : result.outcome.kind;
        expect(
          `cell ${number}: ${outcome} ${outcome === 'ok' || expected?.fails ? '' : seen(result, cells)}`.trim()
        ).toBe(`cell ${number}: ${expected?.fails ?? 'ok'}`);
        if (expected !== null) expect(seen(result, cells)).toMatch(new RegExp(expected.text));
      }
    } finally {
      await cells.close();
    }
  });
});
