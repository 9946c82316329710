import type { TeamState } from '../../protocol/index.js';

type Person = TeamState['people'][number];

/** People in the order in which an instructor would go to them: stuck in most labs, then silent this week, then least far. */
export const helpFirst = (people: readonly Person[]): Person[] =>
  people.toSorted((a, b) => stuckIn(b) - stuckIn(a) || Number(b.quiet) - Number(a.quiet) || stepsOf(a) - stepsOf(b));

const stuckIn = ({ labs }: Person): number => labs.filter(({ stuck }) => stuck).length;
const stepsOf = ({ labs }: Person): number => labs.reduce((sum, { passed }) => sum + passed, 0);
