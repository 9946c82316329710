import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listLabFolders, readLabFolder } from '../../kernel-gateway/src/adapters/labs/lab-library.js';
import { testLab } from '../../kernel-gateway/src/cli/test-lab.js';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { requires } from '../requires.js';

const folder = fileURLToPath(new URL('../../labs', import.meta.url));
// Those of the cluster are proven on one, by a test of their own.
const labs = (await listLabFolders(folder)).filter(id => !id.startsWith('kubernetes/'));

requires('vm')('bpflab lab test', () => {
  let product: Lab;
  beforeAll(() => {
    product = createLab({ keepSpare: true });
  });
  afterAll(() => product.close());

  it.each(labs)('proves %s', { timeout: 300_000 }, async id => {
    const report = await testLab(product, await readLabFolder(folder, id, 'en'));
    expect(report).toMatchObject({
      problems: [],
      starterFails: true,
      solutionPasses: true,
      wrongFails: true,
      leftovers: []
    });
    // Generous: what it takes on a machine that does nothing else is in the reference.
    expect(report.checkMs).toBeLessThan(1000);
  });
});
