import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { markdownBlocks } from '../../kernel-gateway/src/adapters/labs/markdown-blocks.js';
import { readPage } from '../../kernel-gateway/src/core/labs/read-page.js';
import type { Lab } from '../../kernel-gateway/src/lab.js';
import { requires } from '../requires.js';
import { LabFixture, openLab } from './lab-fixture.js';

const course = fileURLToPath(new URL('../../labs/start', import.meta.url));

interface LabFile {
  expect: { cell: number; text: string; fails?: string }[];
}

/** Texts of the code cells of a lab that promise something. */
function codeCells(folder: string, count: number): string[] {
  const { parts } = readPage(readFileSync(join(course, folder, 'lab.md'), 'utf8'), markdownBlocks);
  return parts.flatMap(part => (part.kind === 'code' ? [part.text] : [])).slice(0, count);
}

requires('vm')('labs of the start course', () => {
  let lab: Lab;
  beforeAll(() => {
    lab = openLab();
  });
  afterAll(() => lab.close());

  it.each(readdirSync(course).filter(name => /^\d\d-/.test(name)))('%s gives what it promises', async folder => {
    const { expect: promises } = JSON.parse(readFileSync(join(course, folder, 'lab.json'), 'utf8')) as LabFile;
    const cells = new LabFixture(lab, 'vm');
    try {
      const count = Math.max(...promises.map(promise => promise.cell));
      for (const [index, text] of codeCells(folder, count).entries()) {
        const promise = promises.find(one => one.cell === index + 1);
        const result = await cells.run(text);
        const shown = result.outputs
          .map(output => (output.kind === 'stream' ? output.text : String(output.data['text/plain'])))
          .join('\n');
        const where = `cell ${index + 1} of ${folder}:\n${shown}\n${JSON.stringify(result.outcome)}`;
        expect(result.outcome.kind === 'failed' ? result.outcome.code : result.outcome.kind, where).toBe(
          promise?.fails ?? 'ok'
        );
        expect(shown, where).toMatch(new RegExp(promise?.text ?? ''));
      }
    } finally {
      await cells.close();
    }
  });
});
