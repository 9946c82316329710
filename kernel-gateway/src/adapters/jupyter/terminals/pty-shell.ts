import { LabError } from '../../../protocol/index.js';
import type { ShellProcess, TerminalSize } from '../lab-services.js';

/** Program to start on a pseudo-terminal of this machine. `env` is all of its environment. */
export interface PtyCommand {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  size: TerminalSize;
}

/** After a hangup a process may clean up this long before it is killed. */
const HANGUP_MS = 2_000;

/**
 * Starts a process on a pseudo-terminal; node-pty is loaded here first, so that a server without terminals never does.
 *
 * @throws LabError BPFLAB_TERMINAL_START when node-pty was not compiled on this machine, or the program does not start
 */
export async function openPtyShell(command: PtyCommand): Promise<ShellProcess> {
  try {
    const { spawn } = await import('node-pty');
    const { rows, cols } = command.size;
    const pty = spawn(command.file, command.args, {
      name: 'xterm-256color',
      rows,
      cols,
      cwd: command.cwd,
      env: command.env
    });
    let isGone = false;
    // A sandbox whose first process ends while the second is only being made would leave that one behind.
    const endGroup = (): void => killGroup(pty.pid);
    process.once('exit', endGroup);
    pty.onExit(() => {
      isGone = true;
      process.off('exit', endGroup);
      endGroup();
    });
    return {
      onData: listener => void pty.onData(listener),
      onExit: listener => void pty.onExit(() => listener()),
      write: text => {
        if (!isGone) pty.write(text);
      },
      resize: (newRows, newCols) => {
        if (!isGone) pty.resize(newCols, newRows);
      },
      kill: () => {
        if (isGone) return;
        pty.kill('SIGHUP');
        setTimeout(() => {
          if (!isGone) pty.kill('SIGKILL');
        }, HANGUP_MS).unref();
      }
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LabError('BPFLAB_TERMINAL_START', `The terminal was not opened — ${reason}.`, { cause });
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}
