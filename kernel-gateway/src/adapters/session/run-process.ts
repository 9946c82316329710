import type { AgentConnection } from '../../core/index.js';
import { CellOutputStream } from './cell-output-stream.js';
import type { LiveRun } from './live-run.js';
import type { ProcessExit } from './process-exits.js';
import type { SessionCore } from './session-core.js';

/** A process to start in a run. */
export interface ProcessRequest {
  run: LiveRun;
  argv: string[];
  env?: Record<string, string>;
  /** Bytes for its standard input, which is closed after them. */
  stdin?: Uint8Array;
  /** Take its output as bytes, in order; absent: it goes to the session's outputs as text. */
  onStdout?: (bytes: Uint8Array) => void;
  onStderr?: (bytes: Uint8Array) => void;
}

/** A started process; `exited` resolves after its last output was taken. */
export interface LiveProcess {
  pid: number;
  exited: Promise<ProcessExit>;
}

/**
 * Starts a process in the session's group and folder of the target.
 *
 * @throws LabError BPFLAB_EXEC_FAILED
 */
export async function runProcess(core: SessionCore, request: ProcessRequest): Promise<LiveProcess> {
  const { connection } = request.run;
  const stdout = openStream(core, connection, 'stdout', request.onStdout);
  const stderr = openStream(core, connection, 'stderr', request.onStderr);
  const stdin = request.stdin === undefined ? undefined : connection.newStream();
  const { pid } = await connection.request('exec', {
    run: request.run.id,
    argv: request.argv,
    env: request.env ?? {},
    stdout: stdout.stream,
    stderr: stderr.stream,
    ...(stdin === undefined ? {} : { stdin })
  });
  const exit = core.targets.exitsOf(connection).of(pid);
  if (stdin !== undefined && request.stdin !== undefined) {
    void feed(connection, stdin, request.stdin);
  }
  const exited = exit.then(async end => {
    await Promise.all([settled(stdout.ended), settled(stderr.ended)]);
    stdout.finish();
    stderr.finish();
    return end;
  });
  return { pid, exited };
}

/** A background child of the process may keep its pipe open; what comes within this time after the end is still shown. */
const AFTER_EXIT_MS = 200;

async function settled(ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>(resolve => (timer = setTimeout(resolve, AFTER_EXIT_MS)));
  await Promise.race([ended, late]);
  clearTimeout(timer);
}

interface OpenStream {
  stream: number;
  ended: Promise<void>;
  finish(): void;
}

function openStream(
  core: SessionCore,
  connection: AgentConnection,
  name: 'stdout' | 'stderr',
  onBytes: ((bytes: Uint8Array) => void) | undefined
): OpenStream {
  const stream = connection.newStream();
  const text = onBytes === undefined ? new CellOutputStream(name, output => core.show(output)) : null;
  let markEnded = (): void => undefined;
  const ended = new Promise<void>(resolve => (markEnded = resolve));
  let isFinished = false;
  connection.onStream(stream, {
    data: payload => {
      if (!isFinished) {
        (onBytes ?? (bytes => text?.write(bytes)))(payload);
      }
    },
    end: () => markEnded()
  });
  return {
    stream,
    ended,
    finish: () => {
      isFinished = true;
      text?.end();
    }
  };
}

async function feed(connection: AgentConnection, stream: number, bytes: Uint8Array): Promise<void> {
  try {
    await connection.sendData(stream, bytes);
    connection.sendEnd(stream);
  } catch {
    // The process does not want its input, or the target is lost: its exit tells both.
  }
}
