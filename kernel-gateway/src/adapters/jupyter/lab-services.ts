/** What the Jupyter server needs of the lab behind it; composed by main. */
import type { Session } from '../../core/session/ports.js';
import type { JudgedName } from '../session/judge-lesson.js';
import type { SessionReplay } from '../replay/session-replay.js';

/** A process on a pseudo-terminal. `onData` and `onExit` are set once by the terminal that owns it. */
export interface ShellProcess {
  onData(listener: (text: string) => void): void;
  /** Called once when the process is gone. */
  onExit(listener: () => void): void;
  write(text: string): void;
  resize(rows: number, cols: number): void;
  /** Ends the process and everything it started on this terminal. */
  kill(): void;
}

/** Size of a terminal in characters. */
export interface TerminalSize {
  rows: number;
  cols: number;
}

/** A container; `agent` of the node of that name when `node` is not empty. */
export interface ShellPlace {
  node: string;
  namespace: string;
  pod: string;
  container: string;
}

/** A container that a person may choose. */
interface ListedContainer {
  /** Name of a terminal that is a shell in it, see `terminalPlace`. */
  terminal: string;
  node: string;
  namespace: string;
  pod: string;
  container: string;
}

/** Facts about the lab for /bpflab/api/status. */
interface LabDescription {
  target: string;
  /** Kernel release that new sessions get, empty when not known yet. */
  kernelRelease: string;
  /** Versions of the tools, by name. */
  versions: Record<string, string>;
}

/** Opens sessions and shells. Whoever opens one closes it. */
export interface LabServices {
  /** `path` says where the notebook is now, relative to the notebook folder, empty when there is none; `replay`: it plays a recording. */
  openSession(options: { id: string; path: () => string; replay?: SessionReplay }): Promise<Session>;
  /** A shell in the compile sandbox; `cwd` is relative to the notebook folder. Throws LabError when there is none on this machine. */
  openSandboxShell(options: { cwd: string; size: TerminalSize }): Promise<ShellProcess>;
  /** A shell in the target of `session`, or in a target of its own when it is null. */
  openTargetShell(options: { session: Session | null; size: TerminalSize }): Promise<ShellProcess>;
  /** A shell in a container of the cluster. */
  openPodShell(options: { place: ShellPlace; size: TerminalSize }): Promise<ShellProcess>;
  /** Containers of the cluster that run and where a shell can be opened; the nodes' agents are among them. */
  listContainers(): Promise<ListedContainer[]>;
  /**
   * Where the programs of a lesson's notebook run, asked in a session that is there only for it; `signal`: nobody waits any more.
   *
   * @throws LabError as `judgeLesson`
   */
  judgeLesson(
    lesson: { path: string; program: string; target: string; kernel: string },
    signal: AbortSignal
  ): Promise<JudgedName[]>;
  describe(): Promise<LabDescription>;
}
