import { describe, expect, it } from 'vitest';
import { agentSession } from './agent-session.js';
import { GroupIds } from './group-ids.js';
import { mergeAnswers } from './merge-answers.js';
import { NodeClock } from './node-clock.js';
import { NodeLines } from './node-lines.js';
import { groupResult, ownFields } from './own-fields.js';
import { RunJournal } from './run-journal.js';

const program = (id: number, name: string, counts: [string, string]) => ({
  ...{ run: 'r', name, id, run_count: counts[0], run_time_ns: counts[1], recursion_misses: '0' }
});

describe('numbers of a group', () => {
  it('stand for the own number of each node', () => {
    const ids = new GroupIds();
    const loaded = (own: number) => ({
      ...{ load_us: 5, programs: [] },
      maps: [{ name: 'rb', id: own, type: 'ringbuf', key_size: 0, value_size: 0, max_entries: 8, flags: 0 }]
    });
    const fields = { run: 'r', sha256: '', object_name: 'o', log_stream: 1 };
    const [first, second] = [40, 70].map((own, node) => groupResult('load', loaded(own), { fields, node, ids }));
    expect(first?.maps[0]?.id).toBe(second?.maps[0]?.id);
    const read = { map_id: first?.maps[0]?.id ?? 0, stream: 3 };
    const own = [0, 1].map(node => ownFields<'map_read'>(read, { node, ids, stream: of => of + 100 }));
    expect(own).toEqual([
      { map_id: 40, stream: 103 },
      { map_id: 70, stream: 103 }
    ]);
    ids.forget({ run: 'r', node: 1 });
    expect(ids.own(read.map_id, 1)).toBeUndefined();
    expect(ids.own(read.map_id, 0)).toBe(40);
  });

  it('find a process by what a node calls it', () => {
    const ids = new GroupIds();
    const fields = { run: 'r', argv: ['true'], stdout: 9 };
    const { pid } = groupResult('exec', { pid: 1234 }, { fields, node: 2, ids });
    expect(ids.find('process', 2, 1234)).toBe(pid);
    expect(ids.find('process', 1, 1234)).toBeUndefined();
  });
});

describe('merged answers', () => {
  it('add counts of the same program', () => {
    const stats = (count: string) => ({ programs: [program(1, 'p', [count, '10'])], monotonic_ns: '0' });
    const merged = mergeAnswers('stats', [
      { node: 0, result: stats('18446744073709551000') },
      { node: 1, result: stats('5') }
    ]);
    expect(merged.programs).toEqual([program(1, 'p', ['18446744073709551005', '20'])]);
  });

  it('say that a map was read whole only when every node has read it whole', () => {
    const read = (node: number, complete: boolean) => ({ node, result: { entries: 3, cursor: '', complete } });
    expect(mergeAnswers('map_read', [read(0, true), read(1, false)])).toEqual({
      ...{ entries: 6, cursor: '', complete: false }
    });
  });
});

describe('NodeClock', () => {
  it('believes the quickest reading', () => {
    const clock = new NodeClock();
    clock.take({ askedMs: 1000, answeredMs: 1400, monotonicNs: 0n });
    clock.take({ askedMs: 2000, answeredMs: 2002, monotonicNs: 1_000_000_000n });
    expect(clock.offsetNs).toBe(2_001_000_000n - 1_000_000_000n);
    expect(clock.roundTripMs).toBe(400);
  });
});

describe('RunJournal', () => {
  it('tells of what a node that comes later must get, until the run is over', () => {
    const journal = new RunJournal();
    journal.add({ run: 'r', verb: 'load', fields: { run: 'r', sha256: '', object_name: 'o', log_stream: 1 } });
    journal.add({ run: 'r', verb: 'stats', fields: {} });
    expect([...journal.entries()].map(entry => entry.verb)).toEqual(['load']);
    journal.decide('r', { node: 0, state: 'running', message: '' });
    journal.decide('r', { node: 1, state: 'refused', message: 'no' });
    expect(journal.takesPart('r', 1)).toBe(false);
    expect(journal.loseNode(0, 'gone')).toEqual(['r']);
    expect(journal.loseNode(1, 'gone')).toEqual([]);
    journal.end('r');
    expect([...journal.entries()]).toEqual([]);
    expect(journal.verdicts('r').map(({ state }) => state)).toEqual(['lost', 'refused']);
  });
});

describe('NodeLines', () => {
  it('gives whole lines with the name of their node', () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    let text = '';
    const lines = new NodeLines(['a', 'b'], part => (text += new TextDecoder().decode(part)));
    lines.take(bytes('one\ntw'), 0);
    lines.take(bytes('x\n'), 1);
    lines.take(bytes('o\n\n'), 0);
    lines.take(bytes('end'), 1);
    lines.end();
    expect(text).toBe('a | one\nb | x\na | two\na | \nb | end\n');
  });
});

describe('agentSession', () => {
  it('is another one for each node, and never too long', () => {
    const long = 'x'.repeat(64);
    expect(agentSession(long, 'pod:a')).toHaveLength(64);
    expect(agentSession('s', 'pod:a')).toMatch(/^s-[0-9a-f]{8}$/);
    expect(agentSession(long, 'pod:a')).not.toBe(agentSession(long, 'pod:b'));
  });
});
