import { expect, it } from 'vitest';
import { helpFirst } from './help-first.js';

it('has the stuck before the silent, and those before who is least far', () => {
  const person = (name: string, quiet: boolean, ...labs: [passed: number, stuck: boolean][]) => ({
    person: name,
    quiet,
    labs: labs.map(([passed, stuck], at) => {
      const state = 'open' as const;
      return { lab: `lab-${at}`, state, passed, steps: 9, minutes: 1, attempts: 1, changed: '2026-11-23', stuck };
    })
  });
  const people = [
    person('far', false, [9, false], [4, false]),
    person('near', false, [1, false]),
    person('silent', true, [9, false]),
    person('stuck', false, [8, false], [3, true]),
    person('twice', false, [8, true], [3, true])
  ];
  expect(helpFirst(people).map(one => one.person)).toEqual(['twice', 'stuck', 'silent', 'near', 'far']);
});
