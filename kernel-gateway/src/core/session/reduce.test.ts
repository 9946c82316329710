import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reduce } from './reduce.js';
import { initialSessionState, type Action, type Operation, type SessionState } from './session-state.js';

/** Performs operations in order; answers the last state and all actions. */
function play(
  operations: Operation[],
  from = initialSessionState('s', 'vm')
): { state: SessionState; actions: Action[] } {
  const actions: Action[] = [];
  let state = from;
  for (const operation of operations) {
    const reduction = reduce(state, operation);
    state = reduction.state;
    actions.push(...reduction.actions);
  }
  return { state, actions };
}

const ready: Operation[] = [
  { op: 'open_target', name: 'vm' },
  { op: 'target_ready', name: 'vm', kernelRelease: '6.12', arch: 'x86_64' }
];

function started(id: string, cellId: string, eventLimit: number | null = null): Operation {
  return { op: 'start_run', run: { id, name: id, cellId, cell: 'bpf', target: 'vm', eventLimit } };
}

function withView(run: string, isPolled: boolean): Operation[] {
  const view = { id: `${run}.m`, run, kind: isPolled ? ('map' as const) : ('events' as const), title: 'm', isPolled };
  return [
    { op: 'open_view', view },
    { op: 'attach_run', run, endsAtMs: null, nowMs: 0, hasCard: true }
  ];
}

const without = (actions: Action[], ...names: Action['do'][]) => actions.filter(action => !names.includes(action.do));

describe('reduce: runs', () => {
  it('shows the card and then the views when a run is attached', () => {
    const { actions } = play([...ready, started('a', 'c1'), ...withView('a', false)]);
    expect(without(actions, 'send_status')).toEqual([
      { do: 'show_run', run: 'a', update: false },
      { do: 'show_view', view: 'a.m', update: false }
    ]);
  });

  it('stops the previous run of a cell when it is run again, and no other', () => {
    const { state } = play([...ready, started('a', 'c1'), ...withView('a', false), started('x', 'c2')]);
    const { actions } = play([started('b', 'c1')], state);
    expect(actions).toEqual([{ do: 'stop_run', run: 'a', reason: 'its cell was run again' }]);
  });

  it('asks only once for the same stop', () => {
    const { actions } = play([
      ...ready,
      started('a', 'c1'),
      { op: 'ask_stop', run: 'a', reason: 'x', nowMs: 1 },
      { op: 'ask_stop', run: 'a', reason: 'y', nowMs: 2 }
    ]);
    expect(actions.filter(action => action.do === 'stop_run')).toHaveLength(1);
  });

  it('ends a run when its time is over', () => {
    const attach: Operation = { op: 'attach_run', run: 'a', endsAtMs: 3000, nowMs: 0, hasCard: true };
    const { state } = play([...ready, started('a', 'c1'), attach, { op: 'tick', nowMs: 2999 }]);
    expect(state.runs.get('a')?.isStopping).toBe(false);
    const { actions } = play([{ op: 'tick', nowMs: 3000 }], state);
    expect(actions).toContainEqual({ do: 'stop_run', run: 'a', reason: 'its time was over' });
  });

  it('ends a run when it had its events', () => {
    const { actions } = play([
      ...ready,
      started('a', 'c1', 10),
      ...withView('a', false),
      { op: 'count_events', run: 'a', events: 9, nowMs: 1 },
      { op: 'count_events', run: 'a', events: 12, nowMs: 2 }
    ]);
    expect(actions.filter(action => action.do === 'stop_run')).toEqual([
      { do: 'stop_run', run: 'a', reason: 'it had 10 events' }
    ]);
  });

  it('loses every live run with the target', () => {
    const { state } = play([
      ...ready,
      started('a', 'c1'),
      ...withView('a', false),
      started('b', 'c2'),
      { op: 'run_stopped', run: 'b', reason: 'done', nowMs: 1 },
      { op: 'target_lost', name: 'vm', reason: 'the guest panicked', nowMs: 2 }
    ]);
    expect([...state.runs.values()].map(run => run.state)).toEqual(['lost', 'stopped']);
    expect(state.target).toMatchObject({ state: 'lost', message: 'The target was lost: the guest panicked.' });
    expect(state.views.get('a.m')?.isEnded).toBe(true);
  });

  it('reads statistics once a second while programs are attached', () => {
    const programs = [{ id: 5, run_count: '0', run_time_ns: '0' }] as never;
    const { state } = play([
      ...ready,
      started('a', 'c1'),
      { op: 'describe_run', run: 'a', facts: { programs } },
      ...withView('a', false)
    ]);
    const { actions, state: later } = play(
      [
        { op: 'tick', nowMs: 1000 },
        { op: 'tick', nowMs: 1900 },
        { op: 'tick', nowMs: 2000 },
        { op: 'count_stats', stats: [{ run: 'a', id: 5, runCount: '7', runTimeNs: '70' }] }
      ],
      state
    );
    expect(actions.filter(action => action.do === 'poll_stats')).toHaveLength(2);
    expect(later.runs.get('a')?.programs[0]?.run_count).toBe('7');
  });
});

describe('reduce: views', () => {
  const live = play([...ready, started('a', 'c1'), ...withView('a', true)]).state;

  it('polls a map once a second, and not while a poll is under way', () => {
    const { actions } = play(
      [
        { op: 'tick', nowMs: 0 },
        { op: 'tick', nowMs: 5000 }
      ],
      live
    );
    expect(actions.filter(action => action.do === 'poll_map')).toHaveLength(1);
    const polled: Operation = { op: 'poll_done', view: 'a.m', tookMs: 2, nowMs: 10 };
    const polls = (from: number) =>
      play([{ op: 'tick', nowMs: 0 }, polled, { op: 'tick', nowMs: from }], live).actions.filter(
        action => action.do === 'poll_map'
      ).length;
    expect([polls(900), polls(1010)]).toEqual([1, 2]);
  });

  it('polls twice a second when somebody looks, and rarely when a read is slow', () => {
    const due = (tookMs: number, nowMs: number) =>
      play(
        [
          { op: 'watch_view', view: 'a.m', viewers: 1 },
          { op: 'tick', nowMs: 0 },
          { op: 'poll_done', view: 'a.m', tookMs, nowMs: 0 },
          { op: 'tick', nowMs }
        ],
        live
      ).actions.filter(action => action.do === 'poll_map').length === 2;
    expect([due(2, 499), due(2, 500), due(800, 7000), due(800, 8000)]).toEqual([false, true, false, true]);
  });

  it('drops the data of an ended run when its cell is run again', () => {
    const { state } = play([{ op: 'run_stopped', run: 'a', reason: 'x', nowMs: 1 }], live);
    const { actions, state: next } = play([started('b', 'c1')], state);
    expect(actions).toEqual([{ do: 'drop_view', view: 'a.m' }]);
    expect([...next.runs.keys()]).toEqual(['b']);
  });
});

describe('reduce: outputs', () => {
  const live = play([...ready, started('a', 'c1'), ...withView('a', false)]).state;
  const shows = (operations: Operation[]) => play(operations, live).actions.filter(action => action.do === 'show_view');

  it('updates a changed view at most once a second', () => {
    expect(
      shows([
        { op: 'change_view', view: 'a.m', version: 1 },
        { op: 'tick', nowMs: 1000 },
        { op: 'change_view', view: 'a.m', version: 2 },
        { op: 'tick', nowMs: 1500 },
        { op: 'tick', nowMs: 2000 },
        { op: 'tick', nowMs: 9000 }
      ])
    ).toHaveLength(2);
  });

  it('updates at once before the executing cell ends and at the end of the run', () => {
    expect(
      shows([
        { op: 'change_view', view: 'a.m', version: 1 },
        { op: 'end_cell', nowMs: 5 },
        { op: 'change_view', view: 'a.m', version: 2 },
        { op: 'run_stopped', run: 'a', reason: 'x', nowMs: 6 }
      ])
    ).toHaveLength(2);
  });

  it('shows that a view has ended, once, also when its data has not changed', () => {
    expect(
      shows([
        { op: 'run_stopped', run: 'a', reason: 'x', nowMs: 6 },
        { op: 'target_closed', name: 'vm', nowMs: 7 }
      ])
    ).toHaveLength(1);
  });

  it('never shows more than one update per view and second, whatever happens in between', () => {
    const step = fc.oneof(
      fc.constant<Operation>({ op: 'tick', nowMs: 0 }),
      fc.integer({ min: 0, max: 1000 }).map<Operation>(version => ({ op: 'change_view', view: 'a.m', version }))
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), steps => {
        const timed = steps.map((one, index) => (one.op === 'tick' ? { ...one, nowMs: 1000 + index * 10 } : one));
        expect(shows(timed).length).toBeLessThanOrEqual(2);
      })
    );
  });
});
