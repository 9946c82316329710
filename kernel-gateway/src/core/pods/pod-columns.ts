/**
 * Which columns say whose event it is, by name *and* shape. The rule is told to users in docs/reference/pods.md: keep both
 * equal.
 */
import type { ColumnSpec } from '../../protocol/index.js';
import type { Column, Row, Words } from '../decode/column.js';
import type { PodContainer } from './pod-container.js';
import type { PodKey, PodLookup } from './pod-index.js';

const names: readonly (readonly [PodKey, RegExp])[] = [
  ['cgroup', /^(cgroup|cgrp|cg)(_?id)?$/],
  ['mntns', /^(mntns|mnt_ns)(_?(id|ino|inum))?$/],
  ['pid', /^(pid|tgid)$/],
  ['netns', /^(netns|net_ns)(_?(id|ino|inum))?$/],
  // A process that was too short-lived to be seen is named by its parent.
  ['pid', /^ppid$/]
];
/** A key that is just a number is named by its map. */
const mapNames: readonly (readonly [PodKey, RegExp])[] = [
  ['cgroup', /(^|_)(cgroups?|cgids?|cgroup_ids?)($|_)/],
  ['mntns', /(^|_)mntns($|_)/],
  ['pid', /(^|_)(pids?|tgids?)($|_)/],
  ['netns', /(^|_)netns($|_)/]
];

type NumberColumn = Extract<Column, { words: Words }>;

/** A column that names a container, and as what. */
interface KeyColumn {
  key: PodKey;
  rank: number;
  words: Words;
}

/** What is added: the name of a column, and its text. */
const added: readonly (readonly [string, (place: PodContainer) => string])[] = [
  ['namespace', place => place.namespace],
  ['pod', place => place.pod],
  ['container', place => place.container],
  ['labels', place => place.labels],
  ['node', place => place.node]
];

/**
 * Columns with namespace, pod, container, labels and node, for rows that carry a cgroup id, a process id or a namespace's
 * number in a field or a key; none where no column does.
 *
 * @param columns - of the rows
 * @param lookup - who the numbers are; asked whenever a row is read
 * @param mapName - gives a key its name that is just a number; empty for events
 */
export function podColumns(columns: readonly Column[], lookup: PodLookup, mapName: string): Column[] {
  const keys = columns.flatMap(column => keyColumn(column, mapName)).sort((left, right) => left.rank - right.rank);
  if (keys.length === 0) return [];
  const taken = new Set(columns.map(column => column.spec.name));
  const find = (row: Row): PodContainer | null => {
    for (const { key, words } of keys) {
      const place = lookup.find(key, words.low(row), words.high(row));
      if (place !== null) return place;
    }
    return null;
  };
  return added.map(([name, textOf]) => {
    const spec: ColumnSpec = {
      name: taken.has(name) ? `@${name}` : name,
      kind: 'text',
      c_type: 'of the pod, by the cluster',
      unit: '',
      role: 'meta'
    };
    const text = (row: Row): string => {
      const place = find(row);
      return place === null ? '' : textOf(place);
    };
    return { kind: 'text', spec, text, source: { kind: 'text' } };
  });
}

function keyColumn(column: Column, mapName: string): KeyColumn[] {
  if (!isNumber(column) || (column.spec.role !== 'field' && column.spec.role !== 'key')) return [];
  const { name } = column.spec;
  const isBareKey = column.spec.role === 'key' && name === 'key';
  const rules = isBareKey ? mapNames : names;
  const word = snake(isBareKey ? mapName : name.slice(name.lastIndexOf('.') + 1));
  const rank = rules.findIndex(([, pattern]) => pattern.test(word));
  const rule = rules[rank];
  return rule === undefined || !fits(rule[0], column.spec.c_type) ? [] : [{ key: rule[0], rank, words: column.words }];
}

const isNumber = (column: Column): column is NumberColumn => column.kind === 'u64' || column.kind === 'i64';

/** camelCase and snake_case to words with "_" between them. */
const snake = (name: string): string => name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();

/** A cgroup id has 64 bits, the others 32 at least; flags and small counters are none of them. */
function fits(key: PodKey, cType: string): boolean {
  const isWide = /64|long long|\blong\b|size_t/.test(cType);
  return key === 'cgroup' ? isWide : !/char|short|8|16|:/.test(cType);
}
