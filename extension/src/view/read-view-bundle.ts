import type { ColumnSpec, Losses, Snapshot, SnapshotCell, ViewBundle, ViewKind } from 'kernel-gateway/protocol';
import { readProfile } from '../stacks/read-profile.js';

const KINDS: ReadonlySet<string> = new Set<ViewKind>([
  'events',
  'map',
  'histogram',
  'stacks',
  'printk',
  'text',
  'globals'
]);
const COLUMN_KINDS: ReadonlySet<string> = new Set(['u64', 'i64', 'f64', 'text']);
const ROLES: ReadonlySet<string> = new Set(['key', 'value', 'field', 'meta']);
const STATES: ReadonlySet<string> = new Set(['live', 'ended', 'gone']);
const CONTROLS: ReadonlySet<string> = new Set(['number', 'switch', 'choice', 'text', 'other']);
/** More of anything is in no bundle of ours. */
const MAX_ITEMS = 100_000;

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): string => (typeof value === 'string' && /^\d{1,20}$/.test(value) ? value : '0');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, MAX_ITEMS) : []);
const texts = (value: unknown): string[] => list(value).filter(one => typeof one === 'string');
const objects = (value: unknown): Json[] => list(value).filter(isObject);
const oneOf = <T extends string>(value: unknown, known: ReadonlySet<string>, otherwise: T): T =>
  known.has(text(value)) ? (value as T) : otherwise;

function readColumn(value: Json): ColumnSpec {
  const part = value['per_cpu'];
  return {
    name: text(value['name']),
    kind: oneOf<ColumnSpec['kind']>(value['kind'], COLUMN_KINDS, 'text'),
    c_type: text(value['c_type']),
    unit: text(value['unit']),
    role: oneOf<ColumnSpec['role']>(value['role'], ROLES, 'field'),
    ...(Array.isArray(value['choices']) ? { choices: texts(value['choices']) } : {}),
    ...(isObject(part) ? { per_cpu: { of: text(part['of']), cpu: Number(part['cpu']) || 0 } } : {})
  };
}

function readLosses(value: unknown): Losses {
  const losses = isObject(value) ? value : {};
  return {
    kernel: count(losses['kernel']),
    kernel_known: losses['kernel_known'] === true,
    agent: count(losses['agent']),
    evicted: count(losses['evicted'])
  };
}

function readHistograms(value: unknown): NonNullable<Snapshot['histograms']> {
  return objects(value).map(series => ({
    key: text(series['key']),
    scale: series['scale'] === 'linear' ? 'linear' : 'log2',
    unit: text(series['unit']),
    buckets: objects(series['buckets']).map(bucket => ({
      low: count(bucket['low']),
      high: count(bucket['high']),
      count: count(bucket['count'])
    }))
  }));
}

function readSnapshot(value: unknown): Snapshot {
  const snapshot = isObject(value) ? value : {};
  const stacks = readProfile(snapshot['stacks']);
  const cell = (one: unknown): SnapshotCell => (typeof one === 'string' ? one : '');
  return {
    total_rows: count(snapshot['total_rows']),
    rows: list(snapshot['rows']).map(row => list(row).map(cell)),
    losses: readLosses(snapshot['losses']),
    ...(Array.isArray(snapshot['histograms']) ? { histograms: readHistograms(snapshot['histograms']) } : {}),
    ...(stacks === null ? {} : { stacks })
  };
}

function readEditing(value: unknown): Pick<ViewBundle, 'editing'> {
  return isObject(value)
    ? {
        editing: {
          can_insert: value['can_insert'] === true,
          can_delete: value['can_delete'] === true,
          per_cpu: value['per_cpu'] === true
        }
      }
    : {};
}

function readRecordTypes(value: unknown): Pick<ViewBundle, 'record_types'> {
  return isObject(value)
    ? { record_types: { current: text(value['current']), candidates: texts(value['candidates']) } }
    : {};
}

function readGlobals(value: unknown): Pick<ViewBundle, 'globals'> {
  if (!Array.isArray(value)) {
    return {};
  }
  return {
    globals: objects(value).map(one => ({
      name: text(one['name']),
      c_type: text(one['c_type']),
      control: oneOf<'other'>(one['control'], CONTROLS, 'other'),
      ...(Array.isArray(one['choices']) ? { choices: texts(one['choices']) } : {}),
      ...(typeof one['max_bytes'] === 'number' ? { max_bytes: one['max_bytes'] } : {}),
      is_const: one['is_const'] === true,
      can_set: one['can_set'] === true
    }))
  };
}

/**
 * A view's bundle as a notebook has it. Notebooks come from anybody: whatever is not as the kernel writes it is left out or
 * becomes the nearest harmless value, so that what is drawn from it needs no further doubts. Null when it is no view at all.
 */
export function readViewBundle(value: unknown): ViewBundle | null {
  if (!isObject(value) || value['version'] !== 1 || !KINDS.has(text(value['kind']))) {
    return null;
  }
  const names = new Set<string>();
  const columns = objects(value['columns'])
    .map(readColumn)
    .filter(({ name }) => name !== '' && !names.has(name) && names.add(name));
  return {
    version: 1,
    view: text(value['view']),
    run: text(value['run']),
    session: text(value['session']),
    kind: value['kind'] as ViewKind,
    title: text(value['title']),
    columns,
    state: oneOf<ViewBundle['state']>(value['state'], STATES, 'ended'),
    ...(typeof value['capacity'] === 'string' ? { capacity: count(value['capacity']) } : {}),
    ...readEditing(value['editing']),
    ...readRecordTypes(value['record_types']),
    ...readGlobals(value['globals']),
    ...(value['has_history'] === true ? { has_history: true } : {}),
    alternatives: texts(value['alternatives']).filter(kind => KINDS.has(kind)) as ViewKind[],
    notes: texts(value['notes']),
    snapshot: readSnapshot(value['snapshot'])
  };
}
