import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { LabFixture, type CellResult } from '../integration/lab-fixture.js';
import { requires } from '../requires.js';

const folder = fileURLToPath(new URL('../../docs/guides', import.meta.url));
const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

interface GuideCell {
  text: string;
  /** What the page says that the cell prints: the `text` block right behind it. */
  promised: string | null;
}

/** Cells of a guide in their order: blocks whose first line is a magic. */
function readGuide(name: string): GuideCell[] {
  const page = readFileSync(join(folder, name), 'utf8');
  const cells: GuideCell[] = [];
  let end = -1;
  for (const match of page.matchAll(FENCE)) {
    const [block, language, text = ''] = match;
    const isBehind = end >= 0 && page.slice(end, match.index).trim() === '';
    end = -1;
    if (/^%%?\w/.test(text)) {
      cells.push({ text: text.trimEnd(), promised: null });
      end = match.index + block.length;
    } else if (language === 'text' && isBehind) {
      cells.at(-1)!.promised = text;
    }
  }
  return cells;
}

/** The lines in their order; `…` is anything, and how wide a gap is does not matter. */
function pattern(promised: string): RegExp {
  const lines = promised.split('\n').filter(line => line.trim() !== '' && line.trim() !== '…');
  const literal = (text: string): string =>
    text
      .trim()
      .split(/\s+/)
      .map(word => word.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
      .join('\\s+');
  return new RegExp(lines.map(line => line.split('…').map(literal).join('.*?')).join('[\\s\\S]*?'));
}

function shown(result: CellResult): string {
  const { outcome, outputs } = result;
  const texts = outputs.map(output => (output.kind === 'stream' ? output.text : String(output.data['text/plain'])));
  return [...texts, outcome.kind === 'failed' ? `${outcome.code}: ${outcome.message}` : ''].join('\n');
}

const guides = readdirSync(folder).filter(name => readGuide(name).some(cell => cell.promised !== null));

requires('vm')('guides', () => {
  let lab: Lab;
  beforeAll(() => {
    lab = createLab({});
  });
  afterAll(() => lab.close());

  it.each(guides)('%s shows what its cells print', async name => {
    const cells = new LabFixture(lab, 'vm');
    try {
      for (const cell of readGuide(name)) {
        const result = await cells.run(cell.text);
        const output = shown(result);
        const where = `${cell.text}\n\n${output}`;
        // A cell that fails says so in the page, by its code.
        expect(result.outcome.kind, where).toBe(/^BPFLAB_/m.test(cell.promised ?? '') ? 'failed' : 'ok');
        expect(output, where).toMatch(pattern(cell.promised ?? ''));
      }
    } finally {
      await cells.close();
    }
  });
});
