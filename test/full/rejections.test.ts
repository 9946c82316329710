/** Rejections that take the verifier many seconds, on this machine's own kernel; all others on each 7.x that is installed. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Lab } from '../../kernel-gateway/src/lab.js';
import { readInstalled } from '../../kernel-gateway/src/adapters/install/installed.js';
import { LabFixture, openLab } from '../integration/lab-fixture.js';
import { expectRefusedAndMended, rejections, slowRejections } from '../integration/rejections.js';
import { requires } from '../requires.js';

requires('vm', 'bpf')('slow rejections', () => {
  it.each(slowRejections)('$name: is refused as $kind; the fix loads', async rejection => {
    const lab = openLab();
    const cells = new LabFixture(lab, 'host');
    try {
      await expectRefusedAndMended(cells, rejection);
    } finally {
      await cells.close();
      await lab.close();
    }
  });
});

const releases = readInstalled().kernels.map(({ release }) => release);

requires('vm')('the gallery of rejections on newer kernels', () => {
  describe.each(releases.filter(release => release.startsWith('7.')))('Linux %s', release => {
    let lab: Lab;
    let cells: LabFixture;
    beforeAll(async () => {
      lab = openLab();
      cells = new LabFixture(lab, 'vm');
      await cells.ok(`%target vm --kernel ${release}`);
    });
    afterAll(async () => {
      await cells.close();
      await lab.close();
    });
    it.each(rejections)('$name: is refused as $kind; the fix loads', rejection =>
      expectRefusedAndMended(cells, rejection)
    );
  });
});
