import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Session } from '../../core/session/ports.js';
import type { LabState, TeamDone, TeamFound, TeamState } from '../../protocol/index.js';
import { TeamDesk } from '../team/team-desk.js';
import type { JupyterServerOptions } from './server-options.js';
import { teamRoutes } from './team-routes.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bpflab-team-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const passed: LabState = {
  ...{ type: 'lab', lab: 'start/01-hello', title: 'Hello', language: 'en', minutes: 10, current: '', check_ms: 3 },
  steps: [
    {
      ...{ id: 'load', title: 'Load it', passed: true, hints: [], hint_count: 1, has_solution: true },
      ...{ solution_seen: false, cells: [], attempts: 2, time_ms: 60_000 },
      checks: [{ id: 'a', title: 'A', state: 'passed', seen: 'x' }]
    }
  ]
};

it('goes from a passed step over note and log to index, search and report', async () => {
  const team = new TeamDesk(folder, () => Promise.resolve([]));
  const server = fastify();
  teamRoutes(server, { baseUrl: '/' } as JupyterServerOptions, team);
  const state = async (): Promise<TeamState> => (await server.inject('/bpflab/api/team')).json();
  const post = async (body: object): Promise<TeamDone> =>
    (await server.inject({ method: 'POST', url: '/bpflab/api/team', body })).json();
  let tell: (state: LabState) => void = () => undefined;
  const session = { onLabState: (listener: (state: LabState) => void) => (tell = listener) };
  team.follow(session as unknown as Session);

  // Nothing is written about somebody who has not said so.
  tell(passed);
  expect(await state()).toMatchObject({
    joined: false,
    people: [],
    proposals: [{ title: 'Passed start/01-hello: Load it' }]
  });
  await post({ type: 'join', person: 'Wei Zhang' });
  mkdirSync(join(folder, 'team/meetings'), { recursive: true });
  writeFileSync(join(folder, 'team/meetings/2026-11-23.md'), '# M\n\n## Decisions\n\n- Wei Zhang: trace reads\n');
  const [proposal] = (await state()).proposals;
  const note = { type: 'note', title: 'Hello passed', text: 'It was easy.', tags: ['start'], proposal: proposal?.id };
  const { written } = await post(note);
  expect(written).toContain('team/index/by-tag.md');
  expect(await state()).toMatchObject({
    joined: true,
    person: 'Wei-Zhang',
    proposals: [],
    todos: [{ text: 'trace reads' }]
  });
  await post({ type: 'tick', index: 0, done: true });
  expect((await state()).todos).toEqual([{ text: 'trace reads', done: true }]);

  const { found } = (await server.inject('/bpflab/api/team/search?words=was%20EASY')).json<TeamFound>();
  expect(found[0]?.path).toMatch(/^team\/people\/Wei-Zhang\/log\/\d{4}-\d\d-\d\d\.md$/);
  const report = await post({ type: 'report', commit: false });
  expect(readFileSync(join(folder, report.written[0] ?? ''), 'utf8')).toContain('Hello passed');
  expect((await server.inject({ method: 'POST', url: '/bpflab/api/team', body: { type: 'x' } })).statusCode).not.toBe(
    200
  );
});
