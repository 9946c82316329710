import type { Surroundings } from './surroundings.js';
import { appliedPrograms } from './tables/applied.table.js';
import { basicsPrograms } from './tables/basics.table.js';
import { bootstrapPrograms } from './tables/bootstrap.table.js';
import { networkPrograms } from './tables/network.table.js';
import { recentPrograms } from './tables/recent.table.js';
import { scriptPrograms } from './tables/scripts.table.js';

const all = [
  ...bootstrapPrograms,
  ...basicsPrograms,
  ...appliedPrograms,
  ...networkPrograms,
  ...recentPrograms,
  ...scriptPrograms
];

/** What is known of a program; one that nobody has written down is started as it is, and any line is its promise. */
export function surroundingsOf(lesson: string, program: string): Surroundings {
  const known = all.find(one => one.lesson === lesson && one.program === program);
  return known ?? { lesson, program, traffic: 'ls >/dev/null', promises: '.' };
}
