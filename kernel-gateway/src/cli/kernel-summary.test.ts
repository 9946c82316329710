import { expect, it } from 'vitest';
import type { RunRecord } from '../core/session/session-state.js';
import { summarizeKernel } from './kernel-summary.js';
import type { ShownView } from './run-output.js';

const view: ShownView = {
  name: 'rb',
  columns: [
    { name: 'pid', kind: 'number', c_type: 'int', unit: '' },
    { name: 'comm', kind: 'text', c_type: 'char[16]', unit: '' }
  ] as unknown as ShownView['columns']
};

it('keeps what the verifier did, how many events came, and the first row', () => {
  const { output, summary } = summarizeKernel('6.12');
  const run = { programs: [{ verified_insns: 10 }, { verified_insns: 5 }], timingUs: { load: 2400 }, events: 7 };
  output.started(run as unknown as RunRecord);
  output.rows(view, [
    [12n, 'ls'],
    [13n, 'cat']
  ]);
  output.ended(run as unknown as RunRecord, []);
  expect(summary).toEqual({
    ...{ kernel: '6.12', verdict: 'attached', verifiedInsns: 15, loadMs: 2 },
    ...{ events: '7', output: 'pid=12 comm=ls' }
  });
});

it('says what refused it', () => {
  const { output, summary } = summarizeKernel('6.1');
  output.outcome({ kind: 'failed', code: 'BPFLAB_PREFLIGHT_UNSUPPORTED', message: 'No.', hint: '', details: '' });
  expect(summary).toMatchObject({ verdict: 'BPFLAB_PREFLIGHT_UNSUPPORTED', verifiedInsns: null, output: 'No.' });
});
