import type { Result, Verb } from '../../protocol/index.js';
import type { NodeAnswer } from './connected-nodes.js';

type Merge<V extends Verb> = (answers: readonly Result<V>[], first: Result<V>) => Result<V>;

const largest = (numbers: readonly number[]): number => Math.max(...numbers);

/**
 * One answer out of the answers of many nodes, whose ids are the group's already. Counts add up, times are those of the
 * slowest, and what must be the same everywhere is the first one's. Verbs that are not here answer as the first node does.
 */
const merges: { [V in Verb]?: Merge<V> } = {
  put: answers => ({ have: answers.every(answer => answer.have) }),
  load: (answers, first) => ({ ...first, load_us: largest(answers.map(answer => answer.load_us)) }),
  attach: (answers, first) => ({ ...first, attach_us: largest(answers.map(answer => answer.attach_us)) }),
  map_read: answers => ({
    entries: answers.reduce((sum, answer) => sum + answer.entries, 0),
    cursor: '',
    complete: answers.every(answer => answer.complete)
  }),
  map_update: answers => ({ updated: largest(answers.map(answer => answer.updated)) }),
  map_delete: answers => ({ deleted: largest(answers.map(answer => answer.deleted)) }),
  stats: (answers, first) => ({ ...first, programs: sumOfPrograms(answers) })
};

/**
 * Answers one request for a group.
 *
 * @param verb - that was asked
 * @param answers - at least one, in order of the nodes' numbers
 */
export function mergeAnswers<V extends Verb>(verb: V, answers: readonly NodeAnswer<V>[]): Result<V> {
  const results = answers.map(answer => answer.result);
  const merge = merges[verb];
  const [first] = results;
  if (first === undefined) throw new Error('no node has answered');
  return merge === undefined ? first : merge(results, first);
}

type ProgramStats = Result<'stats'>['programs'][number];

function sumOfPrograms(answers: readonly Result<'stats'>[]): ProgramStats[] {
  const sums = new Map<number, ProgramStats>();
  for (const program of answers.flatMap(answer => answer.programs)) {
    const sum = sums.get(program.id);
    sums.set(program.id, sum === undefined ? program : added(sum, program));
  }
  return [...sums.values()];
}

function added(left: ProgramStats, right: ProgramStats): ProgramStats {
  const sum = (a: string, b: string): string => String(BigInt(a) + BigInt(b));
  return {
    ...left,
    run_count: sum(left.run_count, right.run_count),
    run_time_ns: sum(left.run_time_ns, right.run_time_ns),
    recursion_misses: sum(left.recursion_misses, right.recursion_misses)
  };
}
