import type { BpftraceMap } from './bpftrace-output.js';
import type { TableCell } from './table-store.js';

/** What one node printed of a map. */
export interface NodeMap {
  node: string;
  map: BpftraceMap;
}

/**
 * The contents of one map of the same script on several nodes, side by side: rows have their node in front, histograms in their key. They are
 * not added up: an average or a maximum of two nodes is no sum.
 *
 * @param maps - at least one, in the order of the rows
 */
export function mergeBpftraceMaps(maps: readonly [NodeMap, ...NodeMap[]]): BpftraceMap {
  const [{ map: first }] = maps;
  const columns = first.columns.map(({ name, role }, index) => {
    const isNumber = maps.every(({ map }) => map.rows.every(row => typeof row[index] === 'bigint'));
    const hasRows = maps.some(({ map }) => map.rows.length > 0);
    return { name, role, kind: isNumber && hasRows ? ('i64' as const) : ('text' as const) };
  });
  const cellOf = (cell: TableCell | undefined, index: number): TableCell =>
    columns[index]?.kind === 'i64' ? (cell ?? 0n) : String(cell ?? '');
  const rows = maps.flatMap(({ node, map }) =>
    map.rows.map(row => [node, ...columns.map((_, index) => cellOf(row[index], index))])
  );
  const histograms = maps.flatMap(({ node, map }) =>
    (map.histograms ?? []).map(one => ({ ...one, key: one.key === '' ? node : `${node}, ${one.key}` }))
  );
  return {
    name: first.name,
    columns: [{ name: 'node', kind: 'text', role: 'key' }, ...columns],
    rows,
    histograms: first.histograms === null ? null : histograms
  };
}
