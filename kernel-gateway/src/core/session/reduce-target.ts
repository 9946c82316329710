import type { Action, Operation, Reduction, SessionState, TargetState } from './session-state.js';

const sendStatus: Action[] = [{ do: 'send_status' }];

/** The session's target: opened, ready, lost, gone. What it means for runs is the runs' matter. */
export function reduceTarget(state: SessionState, operation: Operation): Reduction {
  switch (operation.op) {
    case 'open_target':
      return withTarget(state, {
        name: operation.name,
        state: 'starting',
        kernelRelease: '',
        arch: '',
        message: `Starting target ${operation.name}.`
      });
    case 'narrate_target':
      return withTarget(state, { message: operation.message });
    case 'target_ready':
      return withTarget(state, {
        state: 'ready',
        kernelRelease: operation.kernelRelease,
        arch: operation.arch,
        message: ''
      });
    case 'target_lost':
      return withTarget(state, { state: 'lost', message: `The target was lost: ${operation.reason}.` });
    case 'target_failed':
      return withTarget(state, { state: 'none', message: operation.message });
    case 'target_closed':
      return withTarget(state, { state: 'none', kernelRelease: '', arch: '', message: '' });
    default:
      return { state, actions: [] };
  }
}

function withTarget(state: SessionState, change: Partial<TargetState>): Reduction {
  return { state: { ...state, target: { ...state.target, ...change } }, actions: sendStatus };
}
