/** MIME types and bundle contents that the kernel puts into a notebook, version 1. Every bundle also carries text/plain. */
import type { RefusalExplanation } from './verifier/refusal-explanation.js';
import type { ProgramTrace } from './verifier/verifier-trace.js';
import type { ColumnSpec, Losses, StoreState } from './store.js';

/** MIME types of our outputs. */
export const Mime = {
  /** Program card of a run: `RunBundle`. */
  run: 'application/vnd.bpflab.run+json',
  /** A window on a store: `ViewBundle`. */
  view: 'application/vnd.bpflab.view+json',
  /** Compile diagnostics or a refusal, with the verifier's whole log: `DiagnosisBundle`. */
  diagnosis: 'application/vnd.bpflab.diagnosis+json',
  /** What a program made of packets: `TestRunBundle`. */
  testrun: 'application/vnd.bpflab.testrun+json'
} as const;

/** What a store holds, and so how it is drawn first. */
export type ViewKind = 'events' | 'map' | 'histogram' | 'stacks' | 'printk' | 'text' | 'globals';

/** State of a run: `attached` while programs or processes live. */
export type RunState = 'starting' | 'attached' | 'stopped' | 'failed' | 'lost';

/** One program of a run, as the card shows it. 64-bit counters are decimal strings. */
export interface RunProgram {
  name: string;
  section: string;
  type: string;
  id: number;
  attached_to: string;
  verified_insns: number;
  jited_bytes: number;
  run_count: string;
  run_time_ns: string;
}

/** One node of a run on many, as the card shows it. 64-bit counters are decimal strings. */
export interface RunNode {
  node: string;
  /** `late`: the node does not answer now, and takes part when it does; `refused`: it runs on other nodes, not on this one; `lost`: it did, and the node went away. */
  state: 'running' | 'late' | 'refused' | 'lost';
  /** Why it does not run there, or what is special about it: one sentence. */
  message: string;
  /** Empty while the node is away. */
  kernel_release: string;
  arch: string;
  /** Records and lines that came from it, and those that it had to drop. */
  events: string;
  lost: string;
}

/** Output `Mime.run`; also sent over the session comm when it changes. */
export interface RunBundle {
  version: 1;
  run: string;
  /** Session that owns the run; a view of another session's run is a snapshot only. */
  session: string;
  name: string;
  cell: 'bpf' | 'user' | 'sh' | 'bpftrace';
  state: RunState;
  /** Why it ended, one sentence, when it did. */
  reason: string;
  target: string;
  kernel_release: string;
  programs: RunProgram[];
  /** Where it runs on many nodes: each of them; else absent. */
  nodes?: RunNode[];
  /** `verify`, where it is known: the part of `load` that the kernel took to verify and translate. */
  timing_us: { compile: number; load: number; attach: number; verify?: number };
  /** Ids of the views of this run, in order of display. */
  views: string[];
  /** "Show what was added": text of the instrumentation, empty when pristine. */
  added: string;
}

/** One cell value in JSON: text, or a number as a decimal string; the column says which. */
export type SnapshotCell = string;

/** Buckets of one histogram. `low`/`high` are inclusive bounds as decimal strings, as bcc prints them. */
export interface HistogramSeries {
  /** Key that the histogram belongs to, empty when the map holds just one. */
  key: string;
  scale: 'log2' | 'linear';
  unit: string;
  buckets: { low: string; high: string; count: string }[];
}

/** Newest contents of a store, bounded (200 rows), so that the file reads anywhere. */
export interface Snapshot {
  /** Rows that the store has seen (events, printk) or holds (map). */
  total_rows: string;
  rows: SnapshotCell[][];
  histograms?: HistogramSeries[];
  /** The largest 100 stacks. */
  stacks?: import('./stacks.js').StackProfile;
  losses: Losses;
}

/** What may be done to a map. An array's entries are always all there: they can be set, not added or removed. */
export interface MapEditing {
  can_insert: boolean;
  can_delete: boolean;
  per_cpu: boolean;
}

/** A global variable as the user may change it. */
export interface GlobalControl {
  name: string;
  c_type: string;
  /** `choice`: one of `choices`; `other`: as C writes it, such as `{.a = 1}`. */
  control: 'number' | 'switch' | 'choice' | 'text' | 'other';
  choices?: string[];
  /** Longest text in bytes. */
  max_bytes?: number;
  /** A constant that the verifier has seen: a change loads the run anew. */
  is_const: boolean;
  /** False: a constant of a run that cannot be loaded anew. */
  can_set: boolean;
}

/** Output `Mime.view`. */
export interface ViewBundle {
  version: 1;
  view: string;
  run: string;
  session: string;
  kind: ViewKind;
  title: string;
  columns: ColumnSpec[];
  state: StoreState;
  /** Entries that a map can hold (max_entries), decimal; absent for what has no such limit. */
  capacity?: string;
  /** What may be done to the entries of a map; absent for what is no map, or can only be read. */
  editing?: MapEditing;
  /** The C types that the records may have, and the one they are read as; absent where there is no choice. */
  record_types?: { current: string; candidates: string[] };
  /** The variables of a `globals` view, in the order of its rows. */
  globals?: GlobalControl[];
  /** Whether a window may ask for the course over time. */
  has_history?: boolean;
  /** Other ways to draw the same store, such as `map` for a `histogram`. */
  alternatives: ViewKind[];
  /** Facts that the view must tell, such as "the record type was chosen among 2 candidates". */
  notes: string[];
  snapshot: Snapshot;
}

/** One message of clang or the verifier at a place in the user's cell (1-based line and column in UTF-16 code units; 0: no place). */
export interface DiagnosisItem {
  severity: 'error' | 'warning' | 'note';
  line: number;
  column: number;
  end_line: number;
  end_column: number;
  message: string;
  /** Session file that it is in; empty for the cell itself. */
  file: string;
}

/** Output `Mime.diagnosis`. */
export interface DiagnosisBundle {
  version: 1;
  code: string;
  message: string;
  hint: string;
  items: DiagnosisItem[];
  /** Verifier log split into lines, whole; empty for compile diagnostics. */
  log: string[];
  /** Index into `log` of the line that says why, -1 when unknown; and of the first line of the C statement it belongs to. */
  reason_line: number;
  source_line: number;
  /** Text of the failing C line, as the verifier's log or the cell has it. */
  source: string;
  program: string;
  /** A refusal in words; absent for compile diagnostics. */
  explanation?: RefusalExplanation;
  /** What the instructions of the log are in C, for stepping through it. */
  trace?: ProgramTrace;
}
