/** Names and limits of the comms between front end and kernel; a module without zod, so that a browser bundle stays small. */

/** Comm target of a view. */
export const VIEW_COMM = 'bpflab.view';
/** Comm target of the inspector: what a target has loaded. */
export const INSPECT_COMM = 'bpflab.inspect';
/** Comm target of a session: runs, target, commands. */
export const SESSION_COMM = 'bpflab.session';
/** Length of a filter expression at most. */
export const MAX_WHERE_CHARACTERS = 4000;
/** Comm target of the editors of a session: checks, signatures, definitions, files. */
export const LANGUAGE_COMM = 'bpflab.language';
/** Comm target of a lab: its steps, checks, hints. */
export const LAB_COMM = 'bpflab.lab';
/** Windows per second at most, per open view. */
export const MAX_WINDOW_HZ = 10;
/** Rows that one window may ask for. */
export const MAX_WINDOW_ROWS = 2000;
/** Columns that every map has and no window shows unasked: the entry's bytes in hex, without spaces. */
export const MAP_HEX_COLUMNS = { key: '@key', value: '@value' } as const;
/**
 * `Δcount` is what the number `count` of a map's value gained since the read before: a column that no window shows unasked,
 * and that can be sorted and filtered by. An entry that is new has gained its value; the first read that a window asks of
 * has 0.
 */
export const MAP_DELTA_PREFIX = 'Δ';
/** Samples of a view's course over time that are kept: five minutes at one a second. */
export const HISTORY_SAMPLES = 300;
/** Counters that a course over time shows, those with the largest gain first. */
export const HISTORY_SERIES = 5;
