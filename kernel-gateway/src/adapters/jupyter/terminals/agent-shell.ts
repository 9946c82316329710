import { randomUUID } from 'node:crypto';
import type { AgentConnection } from '../../../core/session/ports.js';
import { LabError } from '../../../protocol/index.js';
import type { ShellProcess, TerminalSize } from '../lab-services.js';

const SIGHUP = 1;

/**
 * A shell on a pseudo-terminal in a target, in the session's folder and group. It is a run of its own, so it ends with the
 * session at the latest.
 *
 * @param connection - stays its owner's; when it is closed the shell has ended
 * @throws LabError BPFLAB_EXEC_FAILED
 */
export async function openAgentShell(connection: AgentConnection, size: TerminalSize): Promise<ShellProcess> {
  const run = `terminal-${randomUUID().slice(0, 8)}`;
  const stdin = connection.newStream();
  const stdout = connection.newStream();
  const decoder = new TextDecoder();
  const state = { early: [] as string[], onData: null as ((text: string) => void) | null, isGone: false };
  const exitListeners: (() => void)[] = [];
  const gone = (): void => {
    if (state.isGone) return;
    state.isGone = true;
    for (const listener of exitListeners) listener();
  };
  connection.onStream(stdout, {
    data: payload => {
      const text = decoder.decode(payload, { stream: true });
      if (state.onData) state.onData(text);
      else state.early.push(text);
    },
    // The pseudo-terminal ends when its last process does.
    end: gone
  });
  connection.onClose(gone);
  const { pid } = await connection.request('exec', {
    run,
    argv: ['/bin/bash', '--noprofile'],
    env: { TERM: 'xterm-256color' },
    stdin,
    stdout,
    pty: size
  });
  return {
    onData: listener => {
      state.onData = listener;
      for (const text of state.early.splice(0)) listener(text);
    },
    onExit: listener => void exitListeners.push(listener),
    write: text => {
      if (!state.isGone) void connection.sendData(stdin, new TextEncoder().encode(text)).catch(ifLost);
    },
    resize: (rows, cols) => {
      if (!state.isGone) void connection.request('resize', { run, pid, rows, cols }).catch(ifLost);
    },
    kill: () => {
      if (state.isGone) return;
      connection
        .request('signal', { run, pid, signal: SIGHUP })
        .then(() => connection.request('stop', { run }))
        .catch(ifLost);
    }
  };
}

/** The target or the process went away meanwhile: `onExit` tells. */
function ifLost(error: unknown): void {
  if (!(error instanceof LabError)) throw error;
}
