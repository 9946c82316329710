/**
 * Stores and windows, version 1: the contract between the session's data and everything that looks at it (live views,
 * replay, followers, checks, export).
 *
 * A front end opens a Jupyter comm (target `VIEW_COMM`) with `ViewOpen` as data and gets `WindowMessage`s, each with one
 * or two binary buffers per column; it changes what it sees with `WindowRequest`. At most `MAX_WINDOW_HZ` windows a second are sent, and only
 * when something changed.
 */
import { z } from 'zod';
import { MAX_WHERE_CHARACTERS, MAX_WINDOW_ROWS } from './comm.js';

/**
 * How a column's values are held. `u64`, `i64`: 8 bytes each, little-endian; `f64`: IEEE double; `text`: two buffers,
 * u32 offsets (count + 1 of them) and UTF-8 bytes.
 */
export type ColumnKind = 'u64' | 'i64' | 'f64' | 'text';

/** A column of a store. `name` is the C path (`task.pid`), unique in the store. */
export interface ColumnSpec {
  name: string;
  kind: ColumnKind;
  /** C type as the user wrote it, for the header's tooltip. */
  c_type: string;
  /** ns, bytes, … when known, else empty; `unix_ns`: nanoseconds since 1970, shown as a time of day. */
  unit: string;
  /** `key` and `value` columns of a map, `meta` for what bpflab added (seq, time, cpu), `field` else. */
  role: 'key' | 'value' | 'field' | 'meta';
  /** Names that a value of an enum may have, or `false` and `true`; absent for all others. */
  choices?: string[];
  /** A part of a per-CPU value: the column of the sum over all CPUs, and the CPU (-1: all of them as text). */
  per_cpu?: { of: string; cpu: number };
}

/** `live` while rows may come; `ended` when the run is over; `gone` when the store was dropped. */
export type StoreState = 'live' | 'ended' | 'gone';

/** Losses by place, exact where `known`; decimal strings. */
export interface Losses {
  /** Failed bpf_ringbuf_reserve/output calls, or lost perf records, by the kernel's or the instrumentation's counters. */
  kernel: string;
  /** False: nobody counts them there (a full ring without instrumentation). */
  kernel_known: boolean;
  agent: string;
  /** Rows pushed out of the bounded store; they were counted and shown while they were there. */
  evicted: string;
}

const filter = z.object({
  column: z.string(),
  op: z.enum(['=', '!=', '<', '<=', '>', '>=', 'contains', 'not contains']),
  value: z.string()
});

const field = z.object({ column: z.string(), text: z.string() });

/** What a viewer wants to see. `first` counts rows after filter and sort; `follow` keeps the newest at the end. */
export const windowRequestSchema = z.object({
  type: z.literal('window'),
  first: z.number().int().nonnegative(),
  count: z.number().int().nonnegative().max(MAX_WINDOW_ROWS),
  follow: z.boolean().default(false),
  columns: z.array(z.string()).optional(),
  sort: z.object({ column: z.string(), descending: z.boolean() }).optional(),
  filters: z.array(filter).default([]),
  /**
   * A filter expression such as `pid == 42 && comm ~ "bash"` (docs/reference/filters.md), beside `filters`. While it cannot
   * be read the window has no rows and says why in `where_error`; a viewer keeps the rows that it has.
   */
  where: z.string().max(MAX_WHERE_CHARACTERS).optional(),
  /** Empty window: the viewer is off screen and wants nothing until it says otherwise. */
  paused: z.boolean().default(false),
  /** The course over time is wanted too: all that is kept at first, then what is new. */
  history: z.boolean().optional()
});

/** comm_open data of `VIEW_COMM`. */
export const viewOpenSchema = z.object({ view: z.string(), window: windowRequestSchema });

/**
 * comm_msg data from the front end on `SESSION_COMM`. With a `request` of the front end's own beside it, the command is
 * answered by `SessionCommandDone` or `SessionCommandFailure`; without, only a failure is told.
 */
export const sessionCommandSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('stop'), run: z.string() }),
  z.object({ type: z.literal('stop_all') }),
  z.object({ type: z.literal('reset') }),
  /** `kernel`: release for the vm target; null: the one that it has. */
  z.object({ type: z.literal('target'), target: z.string(), kernel: z.string().max(100).nullable().default(null) }),
  /** Begins a recording beside the notebook; an empty name ends it. */
  z.object({ type: z.literal('record'), name: z.string().max(200) }),
  z.object({ type: z.literal('set'), run: z.string(), name: z.string(), value: z.string() }),
  /** Runs the cell of the run again with another value of a constant; its outputs take the place of the old ones. */
  z.object({ type: z.literal('reload'), run: z.string(), name: z.string(), value: z.string() }),
  /** Reads all records of an events view as another C type of its program. */
  z.object({ type: z.literal('decode'), view: z.string(), record_type: z.string() }),
  /** Changes some columns of one entry; a new key moves the entry. `key`: its bytes in hex. */
  z.object({ type: z.literal('map_update'), view: z.string(), key: z.string(), fields: z.array(field) }),
  /** Adds an entry; columns that are not named are 0. Refused when the key is there. */
  z.object({ type: z.literal('map_insert'), view: z.string(), fields: z.array(field) }),
  z.object({ type: z.literal('map_delete'), view: z.string(), keys: z.array(z.string()).max(MAX_WINDOW_ROWS) }),
  /** Deletes all entries; those of an array become 0. */
  z.object({ type: z.literal('map_clear'), view: z.string() })
]);

/** See `windowRequestSchema`, defaults filled in. */
export type WindowRequest = z.output<typeof windowRequestSchema>;
/** See `sessionCommandSchema`. */
export type SessionCommand = z.output<typeof sessionCommandSchema>;
/** A column of a map's entry and the text that the user wrote into it. */
export type FieldText = z.output<typeof field>;
/** One condition on a column; `contains` compares text without case. */
export type WindowFilter = z.output<typeof filter>;

/** comm_msg data to the front end on `VIEW_COMM`; buffers follow in column order, two for a text column. */
export interface WindowMessage {
  type: 'window';
  first: number;
  count: number;
  /** Rows after the filter; decimal string. */
  matching: string;
  /** Why `where` cannot be read: one sentence about its characters [from, to), in UTF-16 code units. */
  where_error?: { message: string; from: number; to: number };
  /** Rows in all. */
  total: string;
  columns: { name: string; kind: ColumnKind }[];
  losses: Losses;
  state: StoreState;
  histograms?: import('./mime.js').HistogramSeries[];
  /** Of a `stacks` view, in windows that ask for no rows. */
  stacks?: import('./stacks.js').StackProfile;
  history?: HistoryPart;
}

/**
 * The course of a store's numbers over time, bounded. `rate`: counters, with what they gained per second since the sample
 * before; `heat`: a histogram's buckets, with what each gained since the sample before.
 */
export interface HistoryPart {
  kind: 'rate' | 'heat';
  /** What is counted, such as `events`; the unit of the bounds for `heat`. Empty: not known. */
  unit: string;
  /** A key or column for each counter; `low`/`high`: inclusive bounds of a bucket, decimal. */
  series: { name: string; low?: string; high?: string }[];
  /** Series that there are beside those that are sent. */
  omitted: number;
  /** The samples replace those that were sent before. */
  is_whole: boolean;
  /** Milliseconds since 1970, one for each sample. */
  at_ms: number[];
  /** By series, then by sample; null where the series was not there, or nothing stood before it. Rounded to 1/1000. */
  gained: (number | null)[][];
  /** The counters themselves, rounded to a double; absent for `heat`. */
  values?: (number | null)[][];
}

/** comm_msg data to the front end on `SESSION_COMM`, at open and whenever it changes. */
export interface SessionStatus {
  type: 'status';
  session: string;
  target: string;
  target_state: 'none' | 'starting' | 'ready' | 'lost';
  kernel_release: string;
  arch: string;
  /** One sentence when something is wrong or under way, else empty. */
  message: string;
  runs: import('./mime.js').RunBundle[];
  /** Name of the file that the session is being recorded into; absent: none. */
  recording?: string;
}

/** comm_msg data to the front end on `SESSION_COMM`: the command of that `request` was done. */
export interface SessionCommandDone {
  type: 'command_done';
  request: string;
}

/** comm_msg data to the front end on `SESSION_COMM`: a command could not be done; fields as in `LabError`. */
export interface SessionCommandFailure {
  type: 'command_failed';
  /** The command's own `request`, empty when it had none. */
  request: string;
  code: string;
  message: string;
  hint: string;
}
