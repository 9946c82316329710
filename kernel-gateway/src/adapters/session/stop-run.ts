import type { AgentConnection } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import type { LiveRun } from './live-run.js';
import type { SessionCore } from './session-core.js';

/** A stream that the agent does not end within this time has nothing more to say. */
const DRAIN_TIMEOUT_MS = 2000;

/**
 * Ends a run so that its last numbers agree: first no program runs any more, then what the rings still hold arrives, then
 * the maps are read a last time, and then all of it goes.
 */
export async function stopRun(core: SessionCore, id: string, reason: string): Promise<void> {
  const run = core.runs.get(id);
  try {
    if (run !== undefined) {
      await run.beforeStop?.();
      await quiesce(core, run);
      await run.hold;
      await run.connection.request('stop', { run: id });
    }
    core.dispatch({ op: 'run_stopped', run: id, reason, nowMs: core.now() });
  } catch (error) {
    if (!(error instanceof LabError)) {
      throw error;
    }
    // A process that did not listen was ended together with its run: there is nothing left to stop.
    const isGone = error.code === 'BPFLAB_RUN_UNKNOWN';
    // When the target is lost, `target_lost` has ended the run already and this changes nothing.
    core.dispatch({
      op: 'run_stopped',
      run: id,
      reason: isGone ? reason : `${reason}; ${error.message}`,
      nowMs: core.now()
    });
  } finally {
    run?.markEnded();
  }
}

async function quiesce(core: SessionCore, run: LiveRun): Promise<void> {
  await Promise.all(run.links.map(link => run.connection.request('detach', { run: run.id, link: link.link })));
  await Promise.all(run.streams.map(stream => drain(run.connection, stream)));
  const views = core.state.runs.get(run.id)?.views ?? [];
  await Promise.all(views.filter(view => core.views.get(view)?.refresh).map(view => core.polls.readView(view)));
}

async function drain(connection: AgentConnection, stream: LiveRun['streams'][number]): Promise<void> {
  await connection.request('unsubscribe', { stream: stream.stream });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>(resolve => (timer = setTimeout(resolve, DRAIN_TIMEOUT_MS)));
  await Promise.race([stream.ended, late]);
  clearTimeout(timer);
}
