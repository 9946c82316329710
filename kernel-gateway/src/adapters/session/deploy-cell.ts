import type { CellOutcome, CellSpec } from '../../core/index.js';
import { say, type CellContext } from './cell-context.js';

/** `%%deploy`: the workload of a lab, in the cluster until the session ends. */
export async function runDeployCell(
  context: CellContext,
  { name, body, timeoutMs }: Extract<CellSpec, { kind: 'deploy' }>
): Promise<CellOutcome> {
  const { core, signal } = context;
  await core.options.cluster.deploy({ name, text: body, timeoutMs, signal, progress: text => say(context, text) });
  say(context, `"${name}" is ready. It is removed when the session ends.`);
  return { kind: 'ok' };
}
