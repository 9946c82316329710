import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ReplayPlayer, type PlayerKernel } from '../../kernel-gateway/src/adapters/replay/replay-player.js';
import type { CellOutput } from '../../kernel-gateway/src/core/index.js';
import { Mime, type RunBundle } from '../../kernel-gateway/src/protocol/index.js';
import type { LabSession } from '../../kernel-gateway/src/adapters/session/lab-session.js';
import type { Lab } from '../../kernel-gateway/src/lab.js';
import { requires } from '../requires.js';
import { LabFixture, openLab } from './lab-fixture.js';
import { execs } from './programs.js';
import { qemuBelow } from './running-qemu.js';

/** All rows of views by their ids, in the bytes of their columns. */
async function storesOf(session: LabSession, views: string[]): Promise<Record<string, Stored>> {
  const stores: Record<string, Stored> = {};
  for (const view of views) {
    const found = await session.openRows(view, { filters: [], where: undefined });
    const columns = found?.rows.read(0, found.rows.count).buffers.map(bytes => Buffer.from(bytes).toString('hex'));
    stores[view] = { rows: found?.rows.count ?? -1, columns: columns ?? [] };
  }
  return stores;
}

interface Stored {
  rows: number;
  columns: string[];
}

/** How long it took to begin the run that these outputs show last. */
function timingOf(outputs: readonly CellOutput[]): RunBundle['timing_us'] | undefined {
  const runs = outputs.flatMap(output => ('data' in output ? [output.data[Mime.run] as RunBundle | undefined] : []));
  return runs.findLast(run => run !== undefined)?.timing_us;
}

requires('vm', 'bpf')('a session that was recorded on the virtual machine', () => {
  let lab: Lab;
  let folder: string;
  beforeAll(() => {
    lab = openLab();
    folder = mkdtempSync(join(tmpdir(), 'bpflab-replay-'));
  });
  afterAll(async () => {
    await lab.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is played without one, its views as they were, also after going back', async () => {
    const views = ['execs-1.rb', 'execs-1.counts'];
    const cells = new LabFixture(lab, 'vm');
    await cells.ok('%record demo');
    const timing = timingOf((await cells.ok(execs, 'a')).outputs);
    expect(timing?.load).toBeGreaterThan(0);
    await cells.ok('%%sh\nfor i in 1 2 3 4 5; do /bin/true; done', 'b');
    const early = await storesOf(cells.session, views.slice(0, 1));
    await cells.ok('%wait 2s', 'w');
    await cells.ok('%%sh\nfor i in 1 2 3; do /bin/ls /; done', 'c');
    await cells.ok('%wait events>=8 --timeout 20s', 'd');
    await cells.session.command({ type: 'stop_all' });
    const live = await storesOf(cells.session, views);
    await cells.ok('%record --stop');
    const file = join(cells.notebooks, 'demo.bpfrec');
    expect(live['execs-1.rb']!.rows).toBeGreaterThanOrEqual(8);

    const player = await ReplayPlayer.open(file);
    await cells.session.close();
    const machines = qemuBelow();
    let session = lab.newSession({ id: 'replay-0', folder: join(folder, '0'), replay: player.beginLife() });
    let lives = 0;
    const played: CellOutput[] = [];
    const kernel: PlayerKernel = {
      restart: async () => {
        await session.close();
        lives++;
        const name = `replay-${lives}`;
        session = lab.newSession({ id: name, folder: join(folder, name), replay: player.beginLife() });
      },
      execute: async (cellId, text) => {
        const outcome = await session.execute({ text, cellId }, output => played.push(output));
        if (outcome.kind === 'failed') throw new Error(`${outcome.message} ${outcome.details}`);
      },
      command: command => session.command(command),
      clear: () => undefined
    };
    player.attach(kernel);
    try {
      const { duration_ms: end, cells: marks } = player.state;
      expect(marks.map(mark => mark.cell)).toEqual(['a', 'b', 'w', 'c', 'd']);
      await player.seek(end);
      expect(await storesOf(session, views)).toEqual(live);
      // What it took then, and not what playing takes.
      expect(timingOf(played)).toEqual(timing);
      // Back to before the second cell made its traffic, then to after it, then to the end in play.
      await player.seek(marks[1]!.at_ms);
      expect(lives).toBe(1);
      expect((await storesOf(session, views.slice(0, 1)))['execs-1.rb']).toMatchObject({ rows: 0 });
      await player.seek(marks[2]!.at_ms + 1000);
      expect(await storesOf(session, views.slice(0, 1))).toEqual(early);
      expect(player.state.is_playing).toBe(false);
      expect(player.state.position_ms).toBeCloseTo(marks[2]!.at_ms + 1000, 0);
      await player.play(20);
      await expect.poll(() => player.state.is_playing, { timeout: 20_000 }).toBe(false);
      await expect.poll(() => storesOf(session, views), { timeout: 5000 }).toEqual(live);
      expect(qemuBelow()).toEqual(machines);
    } finally {
      player.close();
      await session.close();
      await cells.close();
    }
  });
});
