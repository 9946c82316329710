import { isLive } from '../../core/session/session-state.js';
import { LabError } from '../../protocol/index.js';
import type { SessionCore } from './session-core.js';

/**
 * Runs the cell of a run again with another value of one of its constants. What the new run shows takes the place of what
 * the old one did.
 *
 * @throws LabError BPFLAB_RUN_UNKNOWN, BPFLAB_GLOBAL_UNKNOWN, BPFLAB_VALUE_INVALID, BPFLAB_LOAD_FAILED
 */
export async function reloadRun(
  core: SessionCore,
  setting: { run: string; name: string; value: string }
): Promise<void> {
  const run = core.runs.get(setting.run);
  const record = core.state.runs.get(setting.run);
  if (run?.reload == null || record === undefined || !isLive(record)) {
    throw new LabError('BPFLAB_RUN_UNKNOWN', `There is no run "${setting.run}" that is alive and can be loaded anew.`);
  }
  const { name, value } = setting;
  const context = {
    core,
    cellId: record.cellId,
    signal: new AbortController().signal,
    takesPlaceOf: setting.run
  };
  const outcome = await run.reload(context, { name, value });
  if (outcome.kind === 'failed') {
    throw new LabError('BPFLAB_LOAD_FAILED', outcome.message, { details: outcome.details });
  }
}
