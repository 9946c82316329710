/**
 * What a BPF object *says*: read from its bytes alone, no kernel. What is *loaded* is `LoadedProgram` and `LoadedMap` of the protocol.
 */
import type { CertainCalls } from './flow/certain-calls.js';
import type { TypeId, TypeTable } from './type-table.js';

/** A program: `section` is the whole SEC string, `type` libbpf's program type name ("tracepoint", "kprobe", "lsm", "xdp" …) or 'unknown'. */
export interface ProgramSpec {
  name: string;
  section: string;
  type: string;
  /** What is behind the first slash ("sched/sched_process_exec", "do_unlinkat"), empty when there is none. */
  attachTarget: string;
  /** SEC("?…"): not loaded unless asked for. */
  optional: boolean;
  insnCount: number;
  /** What it calls of the kernel on ways that nothing known at its load closes: helpers by number, functions by name. */
  calls: CertainCalls;
  /** From .BTF.ext: source line of each instruction that has one, in instruction order. */
  lines: { insn: number; file: string; line: number; column: number; text: string }[];
}

/** Where the type of a ring's records was found: by an anchor, a `__type(value, …)` hint, or the pointer in a helper call. */
export interface RecordCandidate {
  type: TypeId;
  found: 'hint' | 'anchor' | 'reserve' | 'output';
  /** Size argument of the call, 0 when not constant. */
  sizeBytes: number;
}

/** A map. `keyType`/`valueType` are 0 where BTF has none. */
export interface MapSpec {
  name: string;
  /** "hash", "percpu_array", "ringbuf" … as bpftool names them. */
  type: string;
  keySize: number;
  valueSize: number;
  maxEntries: number;
  flags: number;
  keyType: TypeId;
  valueType: TypeId;
  /** Ring and perf buffers only: distinct types that are written to it. More than one is a choice for the user. */
  records: RecordCandidate[];
  /** Map in map: the inner map's shape. */
  inner: MapSpec | null;
  pinByName: boolean;
}

/** A global variable. `section` is ".rodata", ".data", ".bss" or a custom one ("rodata.x"); `map` is libbpf's name for its map. */
export interface GlobalSpec {
  name: string;
  section: string;
  offset: number;
  size: number;
  type: TypeId;
  initial: Uint8Array;
  isConst: boolean;
}

/** An object file. */
export interface ObjectSpec {
  license: string;
  types: TypeTable;
  programs: ProgramSpec[];
  maps: MapSpec[];
  globals: GlobalSpec[];
  /**
   * kconfig and ksym externs by name; a ksym function is one of the kernel that the program calls. `asked`: it is weak, and the
   * code asks whether it is there.
   */
  externs: { name: string; kind: 'kconfig' | 'ksym'; weak: boolean; asked: boolean; isFunction: boolean }[];
  /** Tables of operations for the kernel (struct_ops): variable and name of its struct. */
  operations: { name: string; type: string }[];
  /** Strings of CO-RE relocation targets are not kept; this counts them. */
  coreRelocations: number;
}
