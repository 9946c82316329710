import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newDiscussion, readDiscussions, withRemark, withState } from './discussions.js';
import { isStuck, progressCsv } from './progress-table.js';
import type { LabProgress } from './progress.js';

const said = { who: 'Wei', when: '2026-11-23 14:05', text: 'Why null?' };

describe('a discussion', () => {
  it('is made, answered, closed and opened again as a file that reads well', () => {
    const first = newDiscussion([], { ...said, title: 'Null  check ../?', about: 'labs/a b.ipynb#cell-id=x' });
    expect(first.path).toBe('discussions/0001-null-check.md');
    expect(first.text).toContain('About [labs/a b.ipynb#cell-id=x](../../labs/a%20b.ipynb#cell-id=x).');
    const second = newDiscussion([first], { ...said, title: '空指针', about: '' });
    expect(second.path).toBe('discussions/0002-空指针.md');
    const closed = { ...first, text: withState(withRemark(first.text, { ...said, who: 'Li' }), false) };
    expect(readDiscussions([closed, second])).toMatchObject([
      { number: 2, title: '空指针', isOpen: true, about: '', answers: 0 },
      { number: 1, title: 'Null check ../?', isOpen: false, about: 'labs/a b.ipynb#cell-id=x', answers: 1 }
    ]);
    expect(withState(closed.text, true)).toBe(withRemark(first.text, { ...said, who: 'Li' }));
  });

  it('keeps what a person wrote, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (text, isOpen) => {
        const file = { path: 'discussions/0007-x.md', text: withState(text, isOpen) };
        expect(readDiscussions([file])[0]?.isOpen).toBe(isOpen);
        expect(withRemark(text, said).startsWith(text.trimEnd())).toBe(true);
      })
    );
  });

  it('has a name that stays in its folder, whatever its title', () => {
    fc.assert(
      fc.property(fc.string(), title => {
        expect(newDiscussion([], { ...said, title, about: '' }).path).toMatch(/^discussions\/0001-[^/\\]+\.md$/);
      })
    );
  });
});

describe('the table of progress', () => {
  const lab: LabProgress = {
    ...{ lab: 'start/01-hello', state: 'open', passed: ['a'], steps: 3, checksPassed: 1, checks: 4 },
    ...{ minutes: 12, attempts: 3, changed: '2026-11-23', resets: 1 }
  };

  it('says who is stuck', () => {
    const one = { ...lab, passed: 1 };
    expect(isStuck(one, '2026-11-24')).toBe(false);
    expect(isStuck(one, '2026-11-30')).toBe(true);
    expect(isStuck({ ...one, attempts: 11 }, '2026-11-23')).toBe(true);
    expect(isStuck({ ...one, attempts: 11, state: 'done' }, '2027-01-01')).toBe(false);
    // A clock that went back.
    expect(isStuck(one, '2020-01-01')).toBe(false);
  });

  it('is CSV that holds any name and no formula', () => {
    const csv = progressCsv([{ person: '=A"1,2', labs: [lab], rest: [] }], '2026-11-23');
    expect(csv).toBe(
      'person,lab,state,steps_passed,steps,checks_passed,checks,minutes,attempts,changed,stuck,begun_anew\r\n' +
        '"\'=A""1,2",start/01-hello,open,1,3,1,4,12,3,2026-11-23,,1\r\n'
    );
  });
});
