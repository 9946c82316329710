import { expect, it } from 'vitest';
import { isSilentLog } from './is-silent-log.js';

/** Of Linux 6.12, for a program of SEC("fsession/vfs_read"). */
const SILENT = 'processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n';

it.each([
  [SILENT, true],
  [SILENT.trim(), true],
  [`func#0 @0\nunreachable insn 3\n${SILENT}`, false],
  [SILENT.replace('0 insns', '10 insns'), false],
  ['', false]
])('tells a log without a reason from one that has one: %j', (log, is) => {
  expect(isSilentLog(log)).toBe(is);
});
