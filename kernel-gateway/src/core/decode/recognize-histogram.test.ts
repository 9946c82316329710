import { describe, expect, it } from 'vitest';
import type { MapSpec } from '../object/object-spec.js';
import type { TypeTable } from '../object/type-table.js';
import { recognizeHistogram } from './recognize-histogram.js';

const array = (element: number, count: number) => ({ kind: 'array', element, count }) as const;
const types: TypeTable = {
  types: [
    { kind: 'void' },
    { kind: 'int', name: 'unsigned int', size: 4, encoding: 'unsigned' },
    { kind: 'int', name: 'unsigned long long', size: 8, encoding: 'unsigned' },
    { kind: 'int', name: 'unsigned char', size: 1, encoding: 'unsigned' },
    array(1, 27),
    array(2, 64),
    array(2, 20),
    array(3, 32),
    struct('hist', [
      ['slots', 4],
      ['comm', 7]
    ]),
    struct('latency', [
      ['slots', 4],
      ['buckets', 5]
    ]),
    struct('hist', [['values', 4]]),
    struct('stats', [['values', 6]]),
    array(1, 3)
  ]
};

function struct(name: string, members: [string, number][]): TypeTable['types'][number] {
  return {
    kind: 'struct',
    name,
    size: 1024,
    members: members.map(([member, type], index) => ({ name: member, type, bitOffset: index * 4096, bitSize: 0 }))
  };
}

const map = (name: string, type: string, valueType: number, maxEntries = 64): MapSpec => ({
  ...{ name, type, maxEntries, valueType, keyType: 1, keySize: 4, valueSize: 8, flags: 0 },
  ...{ records: [], inner: null, pinByName: false }
});

describe('recognizeHistogram', () => {
  it.each([
    ['hist', 'array', 2, 64, { slots: 'entries', scale: 'log2', unit: '', count: 64, slotBytes: 8 }],
    ['runqlat_us_hist', 'percpu_array', 1, 27, { slots: 'entries', unit: 'usecs', slotBytes: 4 }],
    ['dist', 'array', 2, 64, { slots: 'entries' }],
    ['sizeDist', 'array', 2, 64, { slots: 'entries' }],
    ['hist_linear', 'array', 2, 101, { slots: 'entries', scale: 'linear', count: 101 }],
    ['latency_ns_slots', 'array', 2, 32, { unit: 'nsecs' }],
    ['start', 'hash', 8, 10240, { slots: 'member', count: 27, slotBytes: 4, offset: 0, keyName: 'key' }],
    ['state', 'array', 8, 1, { slots: 'member', keyName: '' }],
    ['hists', 'hash', 4, 100, { slots: 'member', offset: 0 }],
    ['plain', 'hash', 10, 100, { slots: 'member', offset: 0 }]
  ])('takes "%s" (%s) as a histogram', (...[name, type, valueType, maxEntries, expected]) => {
    expect(recognizeHistogram(types, map(name, type, valueType, maxEntries))).toMatchObject(expected);
  });

  it.each([
    ['counts', 'array', 2, 64, 'the name says nothing'],
    ['history', 'array', 2, 64, 'history is another word'],
    ['distance', 'array', 2, 64, 'distance is another word'],
    ['hist', 'array', 2, 100_000, 'there are more slots than a 64-bit value has'],
    ['hist_linear', 'array', 2, 100_000, 'there are too many slots to draw'],
    ['hist', 'array', 2, 4, 'there are too few slots'],
    ['hist', 'array', 3, 64, 'a slot of one byte counts nothing'],
    ['hist', 'queue', 2, 64, 'a queue has no slots'],
    ['hist', 'hash', 2, 64, 'the values of a hash are no slots'],
    ['hists', 'hash', 12, 64, 'three slots are no histogram'],
    ['table', 'hash', 11, 64, '20 numbers under another name stay numbers'],
    ['hists', 'hash', 9, 64, 'two arrays of slots: which one is not said']
  ])('leaves "%s" (%s) a table', (...[name, type, valueType, maxEntries]) => {
    expect(recognizeHistogram(types, map(name, type, valueType, maxEntries))).toBeNull();
  });

  it('leaves 20 arrays of u64 that are no histograms arrays', () => {
    const names =
      'counts totals bytes errors packets drops state config pids inodes ports cpus limits seen flags stats history distance bucket_owner slot';
    const found = names.split(' ').filter(name => recognizeHistogram(types, map(name, 'array', 2, 20)));
    expect(found).toEqual([]);
  });
});
