import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRunBundle } from '../run/read-run-bundle.js';
import { factsText } from './facts-text.js';
import { readViewBundle } from './read-view-bundle.js';
import { SnapshotSource } from './snapshot-source.js';
import { nullTranslator } from '@jupyterlab/translation';

const view = (over: Record<string, unknown> = {}): Record<string, unknown> => ({
  version: 1,
  view: 'r-1.events',
  run: 'r-1',
  session: 's',
  kind: 'events',
  title: 'events',
  columns: [{ name: 'pid', kind: 'u64', c_type: 'u32', unit: '', role: 'field' }],
  state: 'live',
  alternatives: [],
  notes: [],
  snapshot: { total_rows: '1', rows: [['7']], losses: { kernel: '0', kernel_known: true, agent: '0', evicted: '0' } },
  ...over
});

describe('a bundle from somebody else’s notebook', () => {
  it('that the kernel wrote is read as it is', () => {
    const bundle = view({ capacity: '64', editing: { can_insert: true, can_delete: false, per_cpu: true } });
    expect(readViewBundle(bundle)).toEqual(bundle);
  });

  it('of another version or kind is none', () => {
    for (const wrong of [view({ version: 2 }), view({ kind: 'script' }), null, 'text', [], 7, {}]) {
      expect(readViewBundle(wrong)).toBeNull();
    }
    expect(readRunBundle({ version: 1, state: 'dancing' })).toBeNull();
  });

  it('has the same column twice only once: a table finds cells by name', () => {
    const twice = view({ columns: [{ name: 'a' }, { name: 'a' }, { name: '' }, 'b', null] });
    expect(readViewBundle(twice)?.columns.map(({ name }) => name)).toEqual(['a']);
  });

  it('becomes something that can be drawn, whatever is in it', () => {
    const trans = nullTranslator.load('bpflab');
    const anything = fc.oneof(fc.jsonValue(), fc.constantFrom('events', 'map', 'histogram', '-1', '1e999'));
    const keys = [...Object.keys(view()), 'capacity', 'editing', 'record_types', 'globals', 'has_history'];
    const crafted = fc.dictionary(fc.constantFrom(...keys), anything).map(over => ({ ...view(), ...over }));
    fc.assert(
      fc.property(crafted, value => {
        const bundle = readViewBundle(JSON.parse(JSON.stringify(value)));
        if (bundle === null) {
          return;
        }
        const { window } = new SnapshotSource(bundle);
        for (let row = 0; row < window.count; row++) {
          bundle.columns.forEach(column => expect(typeof window.cell(row, column.name)).toBe('string'));
        }
        expect(typeof factsText(bundle, window, { isLive: false, trans })).toBe('string');
      })
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('programs', 'timing_us', 'reason', 'name'), anything), over => {
        const run = readRunBundle(JSON.parse(JSON.stringify({ version: 1, state: 'attached', ...over })));
        for (const program of run?.programs ?? []) {
          expect(BigInt(program.run_count)).toBeGreaterThanOrEqual(0n);
        }
      })
    );
  });
});
