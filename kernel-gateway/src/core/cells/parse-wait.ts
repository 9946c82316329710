import { LabError } from '../../protocol/index.js';
import { parseDuration } from './duration.js';
import { findMagic, type MagicSpec } from './magic.table.js';
import { optionError, parseWords } from './parse-words.js';
import { splitWords } from './split-words.js';

/** How two counts are compared. */
export type WaitOperator = '>=' | '>' | '=' | '<=' | '<';

/**
 * One condition. `events`: rows that the newest run's event and printk views have seen (`view`: of that view alone).
 * `map`: entries of a map. `ended`: the newest run, or that of the name, has ended. `time`: so long.
 */
export type WaitCondition =
  | { kind: 'events'; view: string | null; operator: WaitOperator; count: bigint }
  | { kind: 'map'; map: string; operator: WaitOperator; count: bigint }
  | { kind: 'ended'; run: string | null }
  | { kind: 'time'; ms: number };

/** What `%wait` says: all conditions must hold at the same time. */
export interface WaitSpec {
  conditions: WaitCondition[];
  timeoutMs: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const COMPARISON = /^(events|maps)(?:\.([\w.]+))?\s*(>=|<=|==|=|>|<)\s*(\d{1,19})$/;

function parseCondition(magic: MagicSpec, text: string): WaitCondition {
  const comparison = COMPARISON.exec(text);
  if (comparison) {
    const [, of, name, sign, digits] = comparison;
    const operator = (sign === '==' ? '=' : sign) as WaitOperator;
    const count = BigInt(digits ?? '0');
    if (of === 'events') return { kind: 'events', view: name ?? null, operator, count };
    if (name) return { kind: 'map', map: name, operator, count };
    throw optionError(magic, `"${text}" names no map; write maps.NAME${sign}${digits}`);
  }
  const ended = /^ended(?:\.([\w.]+))?$/.exec(text);
  if (ended) return { kind: 'ended', run: ended[1] ?? null };
  const ms = parseDuration(text);
  if (ms !== null) return { kind: 'time', ms };
  throw optionError(magic, `"${text}" is no condition; write events>=10, maps.NAME>=3, ended or a duration`);
}

/**
 * Reads the words of `%wait`, such as `events>=10 --timeout 5s`; a condition may have spaces around its sign.
 *
 * @param text - the words as one text, or split already (`LineMagic.args`)
 * @throws LabError BPFLAB_CELL_OPTION
 */
export function parseWait(text: string | readonly string[]): WaitSpec {
  const magic = findMagic('line', 'wait') as MagicSpec;
  const joined = (typeof text === 'string' ? text : text.join(' ')).replace(/\s*(>=|<=|==|=|>|<)\s*/g, '$1');
  const split = splitWords(joined);
  if (!split.ok) throw optionError(magic, split.message);
  const words = parseWords(
    magic,
    split.words.map(word => word.text)
  );
  const conditions = words.positional.map(word => parseCondition(magic, word));
  const timeout = words.options.get('timeout')?.[0];
  const timeoutMs = timeout === undefined ? defaultTimeout(conditions) : parseDuration(timeout);
  if (timeoutMs === null) throw optionError(magic, `"--timeout" needs a duration such as 5s, not "${timeout ?? ''}"`);
  if (conditions.length === 0) throw new LabError('BPFLAB_CELL_OPTION', '%wait: a condition is missing.');
  return { conditions, timeoutMs };
}

/** A wait for a time never times out by default before that time. */
function defaultTimeout(conditions: readonly WaitCondition[]): number {
  const longest = conditions.reduce((most, one) => (one.kind === 'time' ? Math.max(most, one.ms) : most), 0);
  return DEFAULT_TIMEOUT_MS + longest;
}
