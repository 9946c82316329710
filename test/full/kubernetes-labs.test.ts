import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listLabFolders, readLabFolder } from '../../kernel-gateway/src/adapters/labs/lab-library.js';
import { testLab } from '../../kernel-gateway/src/cli/test-lab.js';
import { createLab, type Lab } from '../../kernel-gateway/src/lab.js';
import { LabFixture } from '../integration/lab-fixture.js';
import { requires } from '../requires.js';
import { TestCluster } from './test-cluster.js';

/** A test cluster of this file's own. */
const cluster = new TestCluster(6);
const folder = fileURLToPath(new URL('../../labs', import.meta.url));
const labs = (await listLabFolders(folder)).filter(id => id.startsWith('kubernetes/'));

requires('vm', 'bpf')('the labs of the course "On a cluster", on a real one', () => {
  let lab: Lab;
  let hasLsm = false;

  beforeAll(async () => {
    await cluster.up(1);
    lab = createLab({ target: 'pod' });
    const cells = new LabFixture(lab, 'pod');
    // What stands in /sys/kernel/security/lsm is not enough: some kernels list bpf and load no such program.
    const { outcome } = await cells.run(
      '%%bpf probe --no-attach\nSEC("lsm/bprm_check_security") int BPF_PROG(probe) { return 0; }\nchar LICENSE[] SEC("license") = "GPL";'
    );
    await cells.close();
    hasLsm = outcome.kind === 'ok';
  }, 600_000);

  afterAll(async () => {
    await lab.close();
    await cluster.down();
  }, 120_000);

  it.each(labs)('%s: what comes fails, the solution passes, wrong ones fail', async id => {
    const text = await readLabFolder(folder, id, 'en');
    const report = await testLab(lab, text);
    if (id.endsWith('deny-in-one-pod') && !hasLsm) {
      // The kernel of the test cluster's nodes loads no BPF security modules: the cell must say so.
      expect(report.problems.join('\n')).toMatch(
        /A cell failed with BPFLAB_(PREFLIGHT_UNSUPPORTED|LOAD_FAILED|VERIFIER_REJECTED|ATTACH_FAILED)/
      );
      expect(report.wrongFails).toBe(true);
      return;
    }
    expect(report).toMatchObject({ starterFails: true, solutionPasses: true, wrongFails: true });
  });
});
