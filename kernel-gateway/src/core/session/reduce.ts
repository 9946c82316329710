import { reduceOutputs } from './reduce-outputs.js';
import { reduceRuns } from './reduce-runs.js';
import { reduceTarget } from './reduce-target.js';
import { reduceViews } from './reduce-views.js';
import type { Operation, Reduction, SessionState } from './session-state.js';

/** Every area answers the operations that concern it; an operation may concern several, which see each other's result. */
const areas = [reduceTarget, reduceRuns, reduceViews, reduceOutputs];

/** The session's whole behavior: next state, and the actions that make it true. Unknown runs and views change nothing. */
export function reduce(state: SessionState, operation: Operation): Reduction {
  const reduction: Reduction = { state, actions: [] };
  for (const area of areas) {
    const { state: next, actions } = area(reduction.state, operation);
    reduction.state = next;
    reduction.actions.push(...actions);
  }
  return reduction;
}
