import { Mime, type RecordedOutput, type RunBundle, type ViewBundle } from '../../../protocol/index.js';

/** A display of a run that is gone, with the run said to have ended for `reason`; null when it does not claim to live. */
export function endedDisplay(output: RecordedOutput, reason: string): Record<string, unknown> | null {
  if (output.output_type !== 'display_data') return null;
  const run = output.data[Mime.run] as RunBundle | undefined;
  if (run && (run.state === 'attached' || run.state === 'starting')) {
    return { ...output.data, [Mime.run]: { ...run, state: 'stopped', reason } satisfies RunBundle };
  }
  const view = output.data[Mime.view] as ViewBundle | undefined;
  if (view?.state !== 'live') return null;
  return { ...output.data, [Mime.view]: { ...view, state: 'ended' } satisfies ViewBundle };
}
