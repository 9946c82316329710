import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listLabFolders, readLabFolder } from '../../kernel-gateway/src/adapters/labs/lab-library.js';
import { testLab } from '../../kernel-gateway/src/cli/test-lab.js';
import { labTarget } from '../../kernel-gateway/src/core/labs/lab-target.js';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { requires } from '../requires.js';

const folder = fileURLToPath(new URL('../../labs', import.meta.url));
const all = await Promise.all((await listLabFolders(folder)).map(id => readLabFolder(folder, id, 'en')));
// Those of the cluster are proven on one, by a test of their own.
const labs = all.filter(lab => labTarget(lab) === 'vm');

requires('vm')('bpflab lab test', () => {
  let product: Lab;
  beforeAll(() => {
    product = createLab({ keepSpare: true });
  });
  afterAll(() => product.close());

  it.each(labs)('proves $id', { timeout: 300_000 }, async lab => {
    const report = await testLab(product, lab);
    expect(report).toMatchObject({
      problems: [],
      starterFails: true,
      solutionPasses: true,
      wrongFails: true,
      leftovers: []
    });
  });
});
