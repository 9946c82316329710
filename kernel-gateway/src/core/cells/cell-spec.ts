/** What a cell *says*: the result of parsing its text, no world touched. */
import type { LabError } from '../../protocol/index.js';
import type { PodSelection } from '../pods/pod-container.js';

/** `--set name=value`: the text of the value is parsed when the global's type is known. */
export interface GlobalSetting {
  name: string;
  value: string;
}

/** Options that every running cell takes. */
export interface RunOptions {
  /** `--for 5s`: the cell blocks that long, then the run ends. */
  forMs: number | null;
  /** `--events 10`: the run ends after so many events. */
  events: number | null;
  /** `--wait`: the cell blocks until the run ends by itself. */
  wait: boolean;
  target: string | null;
  /** `--kernel`: releases, their beginnings or `all`, to be compared in virtual machines. Null: the target's own kernel. */
  kernels: string[] | null;
  set: GlobalSetting[];
  keepMaps: boolean;
  pristine: boolean;
  /**
   * Attach options as text, from `--attach prog:key=value,…` and the short forms `--ifname`, `--cgroup`, `--pid`. Program
   * '*': all programs that take the key.
   */
  attach: { program: string; key: string; value: string }[];
  /** `--attach-target [PROG=]TARGET`: the loaded program whose function PROG is for. Program '*': all that can have one. */
  attachTargets: { program: string; target: string }[];
  /** `--no-attach`, `--only prog`. */
  noAttach: boolean;
  only: string[];
  /** `--type map=struct name`: the user's choice of a ring's record type. */
  recordTypes: { map: string; type: string }[];
  /** `--pod`, `--selector`, `--container`, `--namespace`: the program sees these pods only. Null: all of the node. */
  pods: PodSelection | null;
}

/** Standard input that a cell gives its process: `--stdin TEXT` (a line each), or `--stdin-file PATH` of the session. */
export type CellStdin = { kind: 'text'; text: string } | { kind: 'file'; path: string };

/** A `%line` magic with its words; quoting as in a shell. */
export interface LineMagic {
  name: string;
  args: string[];
  /** 1-based line in the cell. */
  line: number;
  help: boolean;
}

/** The parts of a cell that starts a process. `background`: it goes on when the cell is done (`--bg`). */
interface ProcessParts {
  body: string;
  bodyLine: number;
  background: boolean;
  stdin: CellStdin | null;
  options: RunOptions;
}

/** One parsed cell. `bodyLine` is the cell's line (1-based) on which `body` starts. */
export type CellSpec =
  | { kind: 'empty' }
  | { kind: 'bpf'; name: string; body: string; bodyLine: number; options: RunOptions }
  | ({ kind: 'user'; name: string; args: string[] } & ProcessParts)
  | { kind: 'file'; path: string; body: string; bodyLine: number }
  | ({ kind: 'sh' } & ProcessParts)
  | ({
      kind: 'make';
      /** Folder with the Makefile, relative to the notebook's; empty: that one itself. */
      folder: string;
      goals: string[];
    } & ProcessParts)
  | ({ kind: 'bcc'; args: string[] } & ProcessParts)
  /** Instructions; `type` is a key of `insnProgramTypes`. */
  | {
      kind: 'insn';
      name: string;
      type: string;
      license: string;
      target: string | null;
      body: string;
      bodyLine: number;
    }
  | { kind: 'bpftrace'; name: string; args: string[]; body: string; bodyLine: number; options: RunOptions }
  /** `program` is empty when the cell names none. */
  | { kind: 'testrun'; program: string; repeat: number; target: string | null; body: string; bodyLine: number }
  /** `words` of the first line; without any, each line of the body is a command. */
  | { kind: 'kubectl'; words: string[]; body: string; bodyLine: number }
  | { kind: 'deploy'; name: string; timeoutMs: number; body: string; bodyLine: number }
  | { kind: 'lines'; magics: LineMagic[] }
  /** `magic` with its prefix: "%%bpf", "%maps". */
  | { kind: 'help'; magic: string };

/** A cell whose text says nothing that can be run; `line` is the cell's line (1-based) that is wrong. */
export interface InvalidCell {
  kind: 'invalid';
  error: LabError;
  line: number;
}
