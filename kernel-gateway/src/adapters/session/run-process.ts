import type { AgentConnection } from '../../core/index.js';
import { NodeLines } from '../../core/nodes/node-lines.js';
import { CellOutputStream } from './cell-output-stream.js';
import type { LiveRun } from './live-run.js';
import type { ProcessExit } from './process-events.js';
import type { SessionCore } from './session-core.js';

/** A process to start in a run. */
export interface ProcessRequest {
  run: Pick<LiveRun, 'id' | 'connection'>;
  argv: string[];
  env?: Record<string, string>;
  /** Bytes for its standard input, which is closed after them; `fed`: it stays open, and `input` is for it. */
  stdin: Uint8Array | 'fed';
  /** Whoever gives its input shows the question: an unfinished line is kept back for `takeUnfinishedLine` for a while. */
  holdsLine?: boolean;
  /** Take its output as bytes, in order; absent: it goes to the session's outputs as text. */
  onStdout?: (bytes: Uint8Array) => void;
  onStderr?: (bytes: Uint8Array) => void;
}

/** Standard input of a process that is fed while it runs. What comes after its end is dropped. */
export interface ProcessInput {
  /** Resolves when more may be written. */
  write(bytes: Uint8Array): Promise<void>;
  end(): void;
  /** Called each time that the process has read everything and waits for more. */
  onWaiting(listener: () => void): void;
}

/** A started process; `exited` resolves after its last output was taken. */
export interface LiveProcess {
  pid: number;
  exited: Promise<ProcessExit>;
  /** Null unless `stdin` was `fed`. */
  input: ProcessInput | null;
  /** Takes the end of its output that is no whole line and was not shown yet: what it asks with. */
  takeUnfinishedLine(): string;
}

/**
 * Starts a process in the session's group and folder of the target.
 *
 * @throws LabError BPFLAB_EXEC_FAILED
 */
export async function runProcess(core: SessionCore, request: ProcessRequest): Promise<LiveProcess> {
  const { connection } = request.run;
  const holdsLine = request.holdsLine ?? false;
  const stdout = openStream(core, connection, { name: 'stdout', onBytes: request.onStdout, holdsLine });
  const stderr = openStream(core, connection, { name: 'stderr', onBytes: request.onStderr, holdsLine });
  const stdin = connection.newStream();
  const processes = core.targets.processesOf(connection);
  const { pid, end: exit } = await processes.start(() =>
    connection.request('exec', {
      run: request.run.id,
      argv: request.argv,
      env: request.env ?? {},
      stdout: stdout.stream,
      stderr: stderr.stream,
      stdin,
      ...(request.stdin === 'fed' ? { report_waiting: true } : {})
    })
  );
  const input = openInput(connection, stdin, listener => processes.onWaiting(pid, listener));
  if (request.stdin !== 'fed') {
    void input.write(request.stdin).then(() => input.end());
  }
  const exited = exit.then(async end => {
    await Promise.all([settled(stdout.ended), settled(stderr.ended)]);
    stdout.finish();
    stderr.finish();
    return end;
  });
  return {
    pid,
    exited,
    input: request.stdin === 'fed' ? input : null,
    takeUnfinishedLine: () => stdout.takeUnfinishedLine() || stderr.takeUnfinishedLine()
  };
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
  takeUnfinishedLine(): string;
}

function openStream(
  core: SessionCore,
  connection: AgentConnection,
  output: { name: 'stdout' | 'stderr'; onBytes: ((bytes: Uint8Array) => void) | undefined; holdsLine: boolean }
): OpenStream {
  const { name, onBytes, holdsLine } = output;
  const stream = connection.newStream();
  const text =
    onBytes === undefined ? new CellOutputStream({ name, holdsLine, send: text => core.outputs.show(text) }) : null;
  let markEnded = (): void => undefined;
  const ended = new Promise<void>(resolve => (markEnded = resolve));
  let isFinished = false;
  const write = onBytes ?? ((bytes: Uint8Array): void => text?.write(bytes));
  const lines = connection.nodes === undefined ? null : new NodeLines(connection.nodes.names, write);
  connection.onStream(stream, {
    data: (payload, node) => {
      if (isFinished) return;
      if (lines === null) write(payload);
      else lines.take(payload, node ?? 0);
    },
    end: () => markEnded()
  });
  return {
    stream,
    ended,
    finish: () => {
      isFinished = true;
      lines?.end();
      text?.end();
    },
    takeUnfinishedLine: () => text?.takeUnfinishedLine() ?? ''
  };
}

function openInput(
  connection: AgentConnection,
  stream: number,
  onWaiting: (listener: () => void) => void
): ProcessInput {
  let isEnded = false;
  return {
    onWaiting,
    write: async bytes => {
      if (isEnded || bytes.length === 0) {
        return;
      }
      // The process does not want its input, or the target is lost: its exit tells both.
      await connection.sendData(stream, bytes).catch(() => undefined);
    },
    end: () => {
      if (!isEnded) {
        isEnded = true;
        endStream(connection, stream);
      }
    }
  };
}

function endStream(connection: AgentConnection, stream: number): void {
  try {
    connection.sendEnd(stream);
  } catch {
    // As for `write`.
  }
}
