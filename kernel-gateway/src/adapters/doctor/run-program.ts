import { execFile } from 'node:child_process';

/** How a short program ended. `status` is null when it could not be started or took too long; `error` says which. */
export interface ProgramResult {
  status: number | null;
  stdout: string;
  stderr: string;
  error: string;
}

/** Runs a program that answers soon; never rejects. */
export function runProgram(command: string, args: string[], timeoutMs = 5000): Promise<ProgramResult> {
  return new Promise(resolve => {
    execFile(
      command,
      args,
      { timeout: timeoutMs, killSignal: 'SIGKILL', encoding: 'utf8' },
      (error, stdout, stderr) => {
        const code = error?.code;
        if (error === null) resolve({ status: 0, stdout, stderr, error: '' });
        else if (typeof code === 'number') resolve({ status: code, stdout, stderr, error: error.message });
        else if (code === 'ENOENT') resolve({ status: null, stdout, stderr, error: `${command} is not installed` });
        else if (error.killed)
          resolve({ status: null, stdout, stderr, error: `no answer within ${timeoutMs / 1000} s` });
        else resolve({ status: null, stdout, stderr, error: error.message });
      }
    );
  });
}
