import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { readWindow } from '../../kernel-gateway/src/core/session/read-window.js';
import type { Lab } from '../../kernel-gateway/src/lab.js';
import type { SessionStatus, WindowMessage, WindowRequest } from '../../kernel-gateway/src/protocol/index.js';
import { requires } from '../requires.js';
import { LabFixture, openLab } from './lab-fixture.js';
import { execs } from './programs.js';

const newest: WindowRequest = { type: 'window', first: 0, count: 20, follow: true, filters: [], paused: false };

requires('vm', 'bpf')('live views', () => {
  let lab: Lab;
  let cells: LabFixture;
  beforeAll(() => {
    lab = openLab();
  });
  afterAll(() => lab.close());
  afterEach(() => cells.close());

  it('send windows on change, at most ten a second, and none when paused', async () => {
    cells = new LabFixture(lab, 'host');
    await cells.ok(execs);
    const windows: { atMs: number; message: WindowMessage; buffers: Uint8Array[] }[] = [];
    const view = cells.session.openView('execs-1.rb', newest, (message, buffers) =>
      windows.push({ atMs: performance.now(), message, buffers })
    );
    await cells.ok('%%sh\nfor i in $(seq 40); do /bin/true; sleep 0.02; done');
    expect(windows.length).toBeGreaterThan(3);
    const gaps = windows.slice(1).map((window, index) => window.atMs - (windows[index]?.atMs ?? 0));
    // The first gap is between the answer to the request and the first change.
    expect(Math.min(...gaps.slice(1))).toBeGreaterThan(95);
    const last = windows.at(-1);
    const rows = readWindow(last?.message as WindowMessage, last?.buffers ?? []);
    expect(rows.at(-1)).toContain(0xfedcba9876543210n);
    view?.request({ ...newest, paused: true });
    const before = windows.length;
    await cells.ok('%%sh\n/bin/true; sleep 0.3');
    expect(windows.length).toBe(before);
    view?.request({ ...newest, filters: [{ column: 'comm', op: '=', value: 'true' }] });
    const filtered = windows.at(-1);
    expect(Number(filtered?.message.matching)).toBeLessThan(Number(filtered?.message.total));
    view?.close();
    expect(cells.session.openView('nothing', newest, () => undefined)).toBeNull();
  });

  it('update the notebook at most once a second while their run goes on', async () => {
    cells = new LabFixture(lab, 'host');
    await cells.ok('%%sh --bg\nwhile :; do /bin/true; sleep 0.05; done');
    await cells.ok(execs);
    const seen = cells.late.length;
    await new Promise<void>(resolve => {
      let updates = 0;
      cells.session.onOutput(output => {
        updates += output.kind === 'display' && output.displayId.endsWith('.rb') ? 1 : 0;
        if (updates === 3) resolve();
      });
    });
    const updates = cells.late
      .slice(seen)
      .filter(output => output.kind === 'display' && output.displayId.endsWith('.rb'));
    expect(updates).toHaveLength(3);
    expect(updates.every(output => output.kind === 'display' && output.update)).toBe(true);
  });

  it('tell the session: target, runs, commands', async () => {
    cells = new LabFixture(lab, 'host');
    const states: SessionStatus[] = [];
    cells.session.onStatus(status => states.push(status));
    await cells.ok(execs);
    expect(states.map(status => status.target_state)).toEqual(expect.arrayContaining(['starting', 'ready']));
    expect(cells.session.status().runs[0]).toMatchObject({ run: 'execs-1', state: 'attached' });
    await cells.session.command({ type: 'set', run: 'execs-1', name: 'seen', value: '41' });
    await cells.session.command({ type: 'stop', run: 'execs-1' });
    expect(cells.session.status().runs[0]).toMatchObject({ state: 'stopped', reason: 'stopped by its button' });
    const seen = cells.rows('globals').find(row => row['name'] === 'seen');
    expect(Number(seen?.['value'])).toBeGreaterThanOrEqual(41);
    await cells.session.command({ type: 'reset' });
    expect(cells.session.status().target_state).toBe('none');
  });

  it('keep the order of time when the clocks of target and gateway jump by hours', async () => {
    cells = new LabFixture(lab, 'vm');
    await cells.ok(execs);
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      for (const hours of [1, -2]) {
        vi.setSystemTime(Date.now() + hours * 3_600_000);
        await cells.ok(`%%sh\nset -e; /bin/true; date -s '${hours} hours'; /bin/true`);
      }
      // Both ways of waiting end in their time.
      await cells.ok('%wait events>=6 --timeout 20s');
      await cells.ok('%wait 200ms');
      await cells.ok('%stop');
    } finally {
      vi.useRealTimers();
    }
    const times = cells.rows('rb').map(row => BigInt(row['time'] ?? 0));
    expect(times.length).toBeGreaterThanOrEqual(6);
    expect(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0n))).toBe(true);
    const minuteNs = 60_000_000_000n;
    expect((times.at(-1) ?? 0n) - (times[0] ?? 0n)).toBeLessThan(minuteNs);
  });
});
