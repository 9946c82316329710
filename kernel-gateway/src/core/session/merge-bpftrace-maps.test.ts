import { describe, expect, it } from 'vitest';
import { parseBpftraceLine, type BpftraceMap } from './bpftrace-output.js';
import { mergeBpftraceMaps } from './merge-bpftrace-maps.js';

/** A map as bpftrace prints it. */
function mapOf(line: object): BpftraceMap {
  const parsed = parseBpftraceLine(JSON.stringify(line));
  if (parsed.kind !== 'maps' || parsed.maps[0] === undefined) throw new Error('no map');
  return parsed.maps[0];
}
const counts = (data: object): BpftraceMap => mapOf({ type: 'map', data: { '@n': data } });

describe('the same map of several nodes', () => {
  it('has the rows of each, in order, behind the name of the node', () => {
    const merged = mergeBpftraceMaps([
      { node: 'a', map: counts({ ls: 1, cat: 2 }) },
      { node: 'b', map: counts({ ls: 3 }) }
    ]);
    expect(merged.columns.map(({ name, kind, role }) => [name, kind, role])).toEqual([
      ['node', 'text', 'key'],
      ['key', 'text', 'key'],
      ['value', 'i64', 'value']
    ]);
    expect(merged.rows).toEqual([
      ['a', 'ls', 1n],
      ['a', 'cat', 2n],
      ['b', 'ls', 3n]
    ]);
    expect(merged.histograms).toBeNull();
  });

  it('has a text where one node has a text', () => {
    const merged = mergeBpftraceMaps([
      { node: 'a', map: counts({ x: 1 }) },
      { node: 'b', map: counts({ x: 'one' }) }
    ]);
    expect(merged.rows).toEqual([
      ['a', 'x', '1'],
      ['b', 'x', 'one']
    ]);
  });

  it('has a histogram of each node, and takes nothing from one that has printed nothing', () => {
    const hist = mapOf({ type: 'hist', data: { '@h': [{ min: 1, max: 1, count: 4 }] } });
    const keyed = mapOf({ type: 'hist', data: { '@h': { ls: [{ min: 2, max: 3, count: 5 }] } } });
    const merged = mergeBpftraceMaps([
      { node: 'a', map: hist },
      { node: 'b', map: keyed }
    ]);
    expect(merged.histograms?.map(({ key, buckets }) => [key, buckets[0]?.count])).toEqual([
      ['a', '4'],
      ['b, ls', '5']
    ]);
    expect(merged.rows[1]).toEqual(['b', 'ls', '2', '3', 5n]);
  });
});
