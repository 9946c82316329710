/** What the tool chain makes of a cell, and what it says when it cannot. */
import type { DiagnosisItem } from '../../protocol/index.js';
import type { EditorTools } from '../language/editor-tools.js';
import type { CancelSignal } from '../session/cancel-signal.js';

/** A compiled BPF object. Content-addressed: the same text, headers and tools give the same `key`. */
export interface Build {
  key: string;
  name: string;
  /** Unstripped object (BTF and DWARF), as clang wrote it: what `readObject` wants. */
  object: Uint8Array;
  /** What is loaded: without DWARF; `sha256` is of these bytes. */
  loadable: Uint8Array;
  sha256: string;
  warnings: DiagnosisItem[];
  fromCache: boolean;
  compileMs: number;
  /** Text that the instrumentation put before and after the user's. */
  added: string;
}

/** A compiled user-space program of a `%%user` cell. */
export interface UserBuild {
  key: string;
  name: string;
  executable: Uint8Array;
  sha256: string;
  warnings: DiagnosisItem[];
  fromCache: boolean;
  compileMs: number;
}

/** The compiler's refusal: its own words, at places in the user's cell. */
export interface CompileFailure {
  kind: 'compile-failed';
  items: DiagnosisItem[];
  /** clang's stderr, whole (to 1 MiB). */
  raw: string;
}

/** What a compile comes to. Limits, a broken sandbox, a full disk are thrown as LabError. */
export type CompileOutcome<B> = { kind: 'built'; build: B } | CompileFailure;

/** Text to compile and where it stands. */
export interface CompileRequest {
  name: string;
  body: string;
  /** The cell's line on which `body` starts, for diagnostics. */
  bodyLine: number;
  pristine: boolean;
  /** Folder of the session: its files may be included. */
  sessionFolder: string;
  /** Release of the target's kernel, whose vmlinux.h is meant; absent or not known here: the default kernel's. */
  kernel?: string;
}

/** Instructions of an `%%insn` cell. */
export interface AssembledBuild {
  /** As they lie in memory, 8 bytes each. */
  bytes: Uint8Array;
  /** Name of a helper by its number; the number where there is none. */
  helperName: (number: number) => string;
}

/** A folder of sources with a Makefile of its own. */
export interface MakeRequest {
  /** Absolute path of the folder; it is copied and never written. */
  folder: string;
  /** Absolute path of a folder whose files lie over it; null: there is none. */
  overlay: string | null;
  /** Goals and `NAME=VALUE` for make. */
  goals: readonly string[];
  sessionFolder: string;
}

/** What a Makefile made. */
export interface MakeBuild {
  /** Sources and results, paths below the folder; a program has mode 0o755. */
  files: { path: string; bytes: Uint8Array; mode: number }[];
  /** Names of the programs that were made, in the order of their paths. */
  programs: string[];
  /** The BPF objects among the results, by the names of their `.bpf.o`. */
  objects: Build[];
  /** What make and the compilers said, whole (to 1 MiB). */
  output: string;
  makeMs: number;
}

/** What a run of make comes to; limits, a broken sandbox, a full disk are thrown as LabError. */
export type MakeOutcome = { kind: 'built'; build: MakeBuild } | { kind: 'make-failed'; output: string };

/** The compiler, behind the sandbox; implemented by adapters/toolchain. */
export interface Toolchain {
  /** What editors need of the same image. */
  readonly editor: EditorTools;
  compileBpf(request: CompileRequest, signal: CancelSignal): Promise<CompileOutcome<Build>>;
  /** Compiles C with `NAME.skel.h` of the named builds within reach and links it with libbpf. */
  compileUser(request: CompileRequest, skeletons: Build[], signal: CancelSignal): Promise<CompileOutcome<UserBuild>>;
  /** Makes instructions of assembler text or of macros of `struct bpf_insn`. */
  assemble(request: CompileRequest, signal: CancelSignal): Promise<CompileOutcome<AssembledBuild>>;
  /** Runs a folder's own Makefile; everything that it expects to find or to build is there. */
  make(request: MakeRequest, signal: CancelSignal): Promise<MakeOutcome>;
  /**
   * Disassembles native code; functions by their addresses, instructions in the order of theirs. Empty for an architecture
   * (as uname(2) names it) that the tools do not know.
   */
  disassemble(
    functions: readonly { address: bigint; bytes: Uint8Array }[],
    arch: string
  ): Promise<{ address: bigint; text: string }[]>;
  /** Makes the first compile of a session as quick as the later ones: starts its sandbox. Never rejects. */
  warm(sessionFolder: string): Promise<void>;
  /** Ends what belongs to a session's folder, or all of it. Builds stay in the cache. */
  close(sessionFolder?: string): Promise<void>;
  /** Path of the vmlinux.h in use and the tools' versions, for `%target` and doctor. */
  describe(): Promise<{ clang: string; libbpf: string; bpftool: string; vmlinuxSource: string }>;
}
