/** A program of a lesson: its kernel side, and the application around it when it has one. */
export interface LessonProgram {
  name: string;
  /** The lesson's own name: its folder's, or the repository's where the folder is one for all. */
  lesson: string;
  /** Absolute path of the folder of its sources. */
  folder: string;
  /** `app`: built by the folder's Makefile; `kernel`: only `NAME.bpf.c`, loaded as a cell; `script`: of bpftrace or bcc. */
  form: 'app' | 'kernel' | 'script';
  /** Of a script: the cells that the import makes of it, its own last. */
  cells?: readonly string[];
}

/** What preflight says of a program on a kernel, before anything is loaded. */
export interface Verdict {
  kernel: string;
  runs: boolean;
  /** Why not; empty when it runs. */
  reason: string;
}

/** What became of a program on a kernel. */
export interface ProgramResult {
  name: string;
  lesson: string;
  kernel: string;
  compiled: boolean;
  built: boolean;
  preflight: 'runs' | 'cannot';
  attached: boolean;
  /** The line that its text promises; empty when it was not seen. */
  output: string;
  leftovers: number;
  ran: boolean;
  reason: string;
}
