import { describe, expect, it } from 'vitest';
import { parseBpftraceLine } from './bpftrace-output.js';

describe('parseBpftraceLine', () => {
  it('reads the number of attached probes', () => {
    expect(parseBpftraceLine('{"type": "attached_probes", "data": {"probes": 2}}')).toEqual({
      kind: 'attached',
      probes: 2
    });
  });

  it('keeps printf text as it is, and lines that are no JSON', () => {
    expect(parseBpftraceLine('{"type": "printf", "data": "hi\\n"}')).toEqual({ kind: 'text', text: 'hi\n' });
    expect(parseBpftraceLine('Attaching 1 probe...')).toEqual({ kind: 'text', text: 'Attaching 1 probe...\n' });
  });

  it('reads maps with and without keys, 64-bit values exactly', () => {
    const line = '{"type": "map", "data": {"@n": {"bash": 18446744073709551615, "sh": 2}}}';
    const parsed = parseBpftraceLine(line);
    expect(parsed.kind === 'maps' && parsed.maps[0]).toMatchObject({
      name: '@n',
      columns: [
        { name: 'key', kind: 'text', role: 'key' },
        { name: 'value', kind: 'i64', role: 'value' }
      ],
      rows: [
        ['bash', 18446744073709551615n],
        ['sh', 2n]
      ]
    });
    const plain = parseBpftraceLine('{"type": "map", "data": {"@x": 5}}');
    expect(plain.kind === 'maps' && plain.maps[0]?.rows).toEqual([[5n]]);
  });

  it('gives statistics a column for each number', () => {
    const parsed = parseBpftraceLine('{"type": "stats", "data": {"@s": {"count": 2, "average": 3, "total": 6}}}');
    expect(parsed.kind === 'maps' && parsed.maps[0]?.columns.map(column => column.name)).toEqual([
      'count',
      'average',
      'total'
    ]);
  });

  it('reads histograms, one series for each key', () => {
    const buckets = '[{"min": 2, "max": 3, "count": 1}, {"min": 4, "max": 7, "count": 5}]';
    const parsed = parseBpftraceLine(`{"type": "hist", "data": {"@h": {"a": ${buckets}, "b": ${buckets}}}}`);
    expect(parsed.kind === 'maps' && parsed.maps[0]?.histograms).toMatchObject([
      { key: 'a', scale: 'log2', buckets: [{ low: '2', high: '3', count: '1' }, { low: '4' }] },
      { key: 'b' }
    ]);
  });
});
