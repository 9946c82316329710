import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLog, tagsIn, withEntry } from './day-log.js';
import { personFolder } from './person-folder.js';
import { readPlan, withGantt } from './plan.js';
import { readProgress, withProgress, writeProgress, type LabProgress } from './progress.js';
import { searchTeam, teamIndex } from './team-index.js';
import { readDecisions, readTodos, withTick, withTodos } from './todo-list.js';
import { daysOf, weekOf } from './week.js';
import { weeklyReport } from './weekly-report.js';

const words = fc.string({ unit: fc.constantFrom(...'ab |\\#-`中\n*[]()x:') });
const entry = (lab: string, change: Partial<LabProgress> = {}): LabProgress => ({
  ...{ lab, state: 'open', passed: ['load'], steps: 2, checksPassed: 1, checks: 3, minutes: 4, attempts: 5 },
  ...{ changed: '2026-11-23', resets: 0 },
  ...change
});

describe('names', () => {
  it.each([
    ['Wei Zhang', 'Wei-Zhang'],
    ['张伟', '张伟'],
    ['../../etc/passwd', 'etcpasswd'],
    [' a..b ', 'a.b'],
    ['..', null],
    ['///', null]
  ])('%s', (name, folder) => expect(personFolder(name)).toBe(folder));

  it('are one part of a path, whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab./\\-_ \0中é\n') }), name => {
        const folder = personFolder(name) ?? 'x';
        expect(folder).not.toMatch(/[/\\\0]|^\.|^$/u);
      })
    );
  });
});

describe('progress', () => {
  const labs = fc.uniqueArray(
    fc.record({
      lab: fc.stringMatching(/^[a-z]{1,5}\/\d\d-[a-z]{1,5}$/),
      state: fc.constantFrom('open' as const, 'done' as const),
      passed: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/)).map(ids => ids.sort()),
      steps: fc.nat(9),
      checksPassed: fc.nat(9),
      checks: fc.nat(9),
      minutes: fc.nat(999),
      attempts: fc.nat(99),
      changed: fc.constantFrom('', '2026-11-23', '2026-01-02'),
      resets: fc.nat(3)
    }),
    { selector: one => one.lab }
  );

  it('reads what it writes, and keeps lines that people wrote', () => {
    fc.assert(
      fc.property(labs, fc.array(fc.stringMatching(/^[a-z][a-z |]{0,20}[a-z]$/)), (entries, rest) => {
        const file = readProgress(writeProgress({ person: 'Wei', labs: entries, rest }));
        expect(file.labs).toEqual(entries.toSorted((a, b) => (a.lab < b.lab ? -1 : 1)));
        expect(file.rest).toEqual(rest);
        expect(writeProgress(file)).toBe(writeProgress({ person: 'Wei', labs: entries, rest }));
      })
    );
  });

  it('never throws and loses no line of any text', () => {
    fc.assert(
      fc.property(words, text => {
        const again = writeProgress(readProgress(text));
        for (const line of text.split('\n')) {
          if (/^[ab中x]+$/.test(line)) expect(again).toContain(line);
        }
      })
    );
  });

  it('joins what two clones reached, also from a file with conflict marks', () => {
    const mine = writeProgress({ person: 'Wei', labs: [entry('a/01-x')], rest: [] })
      .split('\n')
      .at(-2)!;
    const theirs = mine.replace('open', 'done').replace('load', 'turn');
    const file = readProgress(`# Progress of Wei\n<<<<<<< HEAD\n${mine}\n=======\n${theirs}\n>>>>>>> b\nmy own line`);
    expect(file.labs).toMatchObject([{ lab: 'a/01-x', state: 'done', passed: ['load', 'turn'] }]);
    expect(file.rest).toEqual(['my own line']);
    expect(withProgress(file, entry('b/02-y')).labs.map(one => one.lab)).toEqual(['a/01-x', 'b/02-y']);
  });
});

describe('the log of a day', () => {
  it('keeps every text that is there and adds at the end', () => {
    fc.assert(
      fc.property(words, words, (text, title) => {
        const after = withEntry(
          text,
          { date: '2026-11-23', person: 'Wei' },
          { time: '14:05', title, tags: [], text: 'x' }
        );
        expect(after.startsWith(text.trimEnd())).toBe(true);
      })
    );
  });

  it('has entries with tags outside of code', () => {
    const day = { date: '2026-11-23', person: 'Wei' };
    const first = withEntry(null, day, {
      time: '09:01',
      title: 'Maps',
      tags: ['#Maps', 'ring buf'],
      text: 'Tried it.'
    });
    const text = withEntry(first, day, {
      time: '09:30',
      title: 'Code',
      tags: [],
      text: '```sh\n## 10:00 no\n#tag\n```\n#真的'
    });
    expect(readLog(text).map(({ time, title, tags }) => [time, title, tags])).toEqual([
      ['09:01', 'Maps', ['maps', 'ring-buf']],
      ['09:30', 'Code', ['真的']]
    ]);
    expect(tagsIn('#1 #a1 x#no `#code` # head')).toEqual(['a1']);
  });
});

describe('to-dos', () => {
  it('come from decisions of a meeting, once', () => {
    const meeting =
      '# M\n\n## Points\n- Wei: talked\n\n## Decisions\n- @Wei: trace **reads** until 12-01\n- Li: write it\n- 张伟：查 bug\n- nobody';
    const decisions = readDecisions(meeting);
    expect(decisions.map(one => one.who)).toEqual(['Wei', 'Li', '张伟']);
    const todos = [{ text: decisions[0]!.text, done: false, from: 'meetings/2026-11-23.md' }];
    const list = withTodos(null, 'Wei', todos);
    expect(withTodos(list, 'Wei', todos)).toBe(list);
    expect(readTodos(list)).toEqual(todos);
    const ticked = withTick(list, 0, true);
    expect(readTodos(ticked)[0]?.done).toBe(true);
    expect(withTodos(ticked, 'Wei', todos)).toBe(ticked);
  });

  it('change nothing but what they add or tick', () => {
    fc.assert(
      fc.property(words, fc.nat(3), (text, index) => {
        expect(withTodos(text, 'x', [{ text: 'new', done: false, from: '' }]).startsWith(text.trimEnd())).toBe(true);
        expect(withTick(text, index, true).length).toBe(text.length);
      })
    );
  });
});

describe('plan, index, week, report', () => {
  const plan =
    '# Plan\n\n## First\n\n| Task | Who | From | To | Done |\n| --- | --- | --- | --- | --- |\n| Learn: maps | Wei | 2026-11-01 | 2026-11-10 | a/01-x |\n| Write | Li | 2026-11-01 | 2026-11-20 | |\n\nMine.\n';
  const wei = { person: 'Wei', labs: [entry('a/01-x', { state: 'done' })], rest: [] };

  it('draws the chart from the progress, and only once', () => {
    const drawn = withGantt(plan, [wei], '2026-11-23');
    expect(drawn.startsWith(plan.trimEnd())).toBe(true);
    expect(drawn).toContain('Learn  maps (Wei) :done, t1, 2026-11-01, 2026-11-10');
    expect(drawn).toContain('Write (Li) :crit, t2, 2026-11-01, 2026-11-20');
    expect(withGantt(drawn, [wei], '2026-11-23')).toBe(drawn);
    expect(withGantt('# Plan\n', [], '2026-11-23')).toBe('# Plan\n');
    expect(readPlan(drawn)).toHaveLength(2);
  });

  it('knows the days of a week', () => {
    expect([weekOf('2026-11-23'), weekOf('2026-01-01'), weekOf('2027-01-01')]).toEqual([
      '2026-W48',
      '2026-W01',
      '2026-W53'
    ]);
    expect(daysOf('2026-W48')?.[0]).toBe('2026-11-23');
    expect(daysOf('2026-W54')).toBeNull();
  });

  it('lists, finds and reports', () => {
    const log = withEntry(
      null,
      { date: '2026-11-24', person: 'Wei' },
      { time: '10:00', title: 'Rings', tags: ['ring'], text: 'Lost 3.' }
    );
    const files = [
      { path: 'people/Wei/log/2026-11-24.md', text: log },
      { path: 'people/Wei/progress.md', text: writeProgress(wei) },
      { path: 'people/Li/progress.md', text: '' },
      { path: 'todo/todo-Wei.md', text: '- [x] a\n- [ ] b\n' },
      { path: 'meetings/2026-11-23.md', text: '# Monday\n#ring' },
      { path: 'plan.md', text: plan }
    ];
    const index = teamIndex(files);
    expect(index.get('by-tag.md')).toContain(
      '## ring\n\n- [10:00 Rings](../people/Wei/log/2026-11-24.md) — Wei\n- [Monday]'
    );
    expect(index.get('by-date.md')).toContain('## 2026-11-24\n');
    expect(searchTeam(files, 'LOST 3')).toEqual([{ path: 'people/Wei/log/2026-11-24.md', line: 5, text: 'Lost 3.' }]);
    const report = weeklyReport({ week: '2026-W48', files, commits: [{ person: 'Wei', commits: ['rings: fix'] }] });
    expect(report).toContain('**No update this week:** Li.');
    expect(report).toContain('- Write (Li), due 2026-11-20');
    expect(report).toContain(
      '- Lab a/01-x: done, 1 of 2 steps, 4 min\n- 2026-11-24 10:00 Rings\n- Commit: rings: fix\n- To do: 1 of 2 done\n  - b'
    );
  });
});
