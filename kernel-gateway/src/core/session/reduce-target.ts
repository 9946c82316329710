import {
  noTarget,
  type Action,
  type Operation,
  type Reduction,
  type SessionState,
  type TargetState
} from './session-state.js';

const sendStatus: Action[] = [{ do: 'send_status' }];

/** The session's target: chosen, opened, ready, lost, gone. What it means for runs is the runs' matter. */
export function reduceTarget(state: SessionState, operation: Operation): Reduction {
  switch (operation.op) {
    case 'choose_target':
      return { state: { ...state, target: noTarget(operation.name) }, actions: sendStatus };
    case 'open_target':
      return change(state, operation.name, { state: 'starting', message: `Starting target ${operation.name}.` });
    case 'narrate_target':
      return change(state, operation.name, { message: operation.message });
    case 'target_ready': {
      const { kernelRelease, arch } = operation;
      return change(state, operation.name, { state: 'ready', kernelRelease, arch, message: '' });
    }
    case 'target_lost':
      return change(state, operation.name, { state: 'lost', message: `The target was lost: ${operation.reason}.` });
    case 'target_failed':
      return change(state, operation.name, { state: 'none', message: operation.message });
    case 'target_closed':
      return change(state, operation.name, noTarget(operation.name));
    default:
      return { state, actions: [] };
  }
}

function change(state: SessionState, name: string, facts: Partial<TargetState>): Reduction {
  return name === state.target.name
    ? { state: { ...state, target: { ...state.target, ...facts } }, actions: sendStatus }
    : { state, actions: [] };
}
