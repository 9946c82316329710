/** Rejections that take the verifier many seconds, on this machine's own kernel. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LabFixture, openLab } from '../integration/lab-fixture.js';
import { slowRejections } from '../integration/rejections.js';
import { requires } from '../requires.js';

requires('vm', 'bpf')('slow rejections', () => {
  it.each(slowRejections)('$name: is refused as $kind; the fix loads', async ({ name, folder, kind, line }) => {
    const lab = openLab();
    const cells = new LabFixture(lab, 'host');
    const text = (side: string): string =>
      `%%bpf ${name.replaceAll('-', '_')} --no-attach\n${readFileSync(`${folder}/${side}.bpf.c`, 'utf8')}`;
    try {
      expect((await cells.run(text('wrong'), name)).outcome).toMatchObject({ code: 'BPFLAB_VERIFIER_REJECTED' });
      const bundle = cells.diagnosis();
      expect(bundle?.explanation?.kind).toBe(kind);
      expect(bundle?.items[0]?.line).toBe(line + 1);
      expect((await cells.run(text('right'), name)).outcome).toEqual({ kind: 'ok' });
    } finally {
      await cells.close();
      await lab.close();
    }
  });
});
