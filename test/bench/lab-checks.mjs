/** The looks at a step's checks that follow a cell by themselves, over all labs of the virtual machine with their solutions. */
import path from 'node:path';
import { listLabFolders, readLabFolder } from '../../kernel-gateway/lib/adapters/labs/lab-library.js';
import { walkLab } from '../../kernel-gateway/lib/cli/walk-lab.js';
import { labTarget } from '../../kernel-gateway/lib/core/labs/lab-target.js';
import { createLab } from '../../kernel-gateway/lib/lab.js';
import { everyRow } from './figures.mjs';

const folder = path.join(import.meta.dirname, '../../labs');
const LIMIT_MS = 200;
/** As many labs are walked for a quick look. */
const QUICK = 3;

/** @param {import('./bench.mjs').Bench} bench */
export async function benchLabChecks({ quick }) {
  const all = await Promise.all((await listLabFolders(folder)).map(id => readLabFolder(folder, id, 'en')));
  const labs = all.filter(lab => labTarget(lab) === 'vm');
  const product = createLab({ keepSpare: true });
  /** @type {Map<string, number>} */
  const longest = new Map();
  try {
    for (const lab of quick ? labs.slice(0, QUICK) : labs) {
      const steps = lab.steps.map(step => step.id);
      const submissions = lab.solution === null ? [] : [lab.solution];
      const walk = await walkLab(product, lab, { submissions, steps, wantsLeftovers: false });
      const open = walk.steps.find(step => !step.passed);
      if (open !== undefined) throw new Error(`${lab.id}: the step "${open.id}" has not passed`);
      longest.set(lab.id, walk.checkMs);
    }
  } finally {
    await product.close();
  }
  return [everyRow(`automatic checks, longest look in each of ${longest.size} labs`, longest, LIMIT_MS)];
}
