import { describe, expect, it } from 'vitest';
import { windowCells } from '../../../../test/fixtures/event-rows.mjs';
import { parseTraceLine } from './parse-trace-line.js';
import { createPrintkStore, type PrintkStore } from './printk-store.js';
import { recordPayload } from './record-payload.js';

const append = (store: PrintkStore, lines: (string | Uint8Array)[], lost = 0n): void =>
  store.append(
    recordPayload(
      { seq: 0, lost, monoNs: 0n },
      lines.map(line => Buffer.from(line))
    )
  );

const line = (text: string, task = 'bash', pid = 42): string =>
  `${task.padStart(16)}-${String(pid).padEnd(7)} [001] d..31  1234.567890: bpf_trace_printk: ${text}`;

describe('parseTraceLine', () => {
  it.each([
    [line('hello 1'), { task: 'bash', pid: 42, cpu: 1, flags: 'd..31', timeNs: 1234567890000n, text: 'hello 1' }],
    [
      '     kworker/u4:1-e-99    [000] .....     0.000001: bpf_trace_printk: a: b',
      { task: 'kworker/u4:1-e', pid: 99, cpu: 0, flags: '.....', timeNs: 1000n, text: 'a: b' }
    ],
    [
      '           <...>-7     (     7) [012] d..31 99.000000: bpf_trace_printk: x',
      { task: '<...>', pid: 7, cpu: 12, flags: 'd..31', timeNs: 99_000_000_000n, text: 'x' }
    ],
    [' a name with spaces-3   [001] ....1 5.5: bpf_trace_printk: x', null]
  ])('reads %j', (text, expected) => {
    expect(parseTraceLine(text)).toEqual(expected);
  });
});

describe('PrintkStore', () => {
  it('keeps the lines of its run, without the tag', () => {
    const store = createPrintkStore({ tag: 0x2a });
    append(store, [line('bpflab:0000002a mine 1'), line('bpflab:0000002b not mine'), line('of somebody else')]);
    expect(store.snapshot(10).rows).toEqual([['1234567890000', 'bash', '42', '1', 'd..31', 'mine 1']]);
    expect(store.totalRows).toBe(1n);
  });

  it('keeps lines without a tag when its program was not instrumented', () => {
    const store = createPrintkStore({ tag: null });
    append(store, [line('plain'), line('bpflab:0000002b not mine')]);
    expect(store.snapshot(10).rows.map(row => row.at(-1))).toEqual(['plain']);
  });

  it('shows bytes that are no UTF-8 as escapes, and text of any language as it is', () => {
    const store = createPrintkStore({ tag: null });
    append(store, [Buffer.concat([Buffer.from(line('a')), Buffer.from([0xff, 0x80, 9])]), line('中文')]);
    expect(store.snapshot(10).rows.map(row => row.at(-1))).toEqual(['a\\xff\\x80\\t', '中文']);
  });

  it('splits records that hold several lines, and keeps what is no trace line', () => {
    const store = createPrintkStore({ tag: null });
    append(store, [`${line('one')}\n${line('two')}\n`, 'odd']);
    expect(store.snapshot(10).rows.map(row => row.at(-1))).toEqual(['one', 'two', 'odd']);
  });

  it('sorts and filters by number', () => {
    const store = createPrintkStore({ tag: null });
    append(store, [line('a', 'x', 9), line('b', 'y', 100), line('c', 'z', 10)]);
    const { message } = store.window({
      ...{ type: 'window', first: 0, count: 10, follow: false, paused: false },
      filters: [{ column: 'pid', op: '>', value: '9' }],
      sort: { column: 'pid', descending: false }
    });
    expect(message).toMatchObject({ matching: '2', total: '3' });
  });

  it('gives windows the same cells as snapshots, for texts of any length', () => {
    const store = createPrintkStore({ tag: null });
    append(store, [line('first'), line(''), line('long '.repeat(200)), line('中文'), 'odd']);
    const wanted = windowCells(store);
    expect(wanted).toEqual(store.snapshot(10).rows);
    expect(wanted.map(row => row.at(-1))).toEqual(['first', '', 'long '.repeat(200), '中文', 'odd']);
    const sorted = windowCells(store, { sort: { column: 'text', descending: false }, columns: ['text'] });
    expect(sorted.map(([text]) => text)).toEqual(['', 'first', 'long '.repeat(200), 'odd', '中文']);
  });

  it('counts lost lines', () => {
    const store = createPrintkStore({ tag: null });
    append(store, [], 25n);
    expect(store.losses).toEqual({ kernel: '25', kernel_known: true, agent: '0', evicted: '0' });
  });
});
