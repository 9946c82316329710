import { it } from 'vitest';
import { runCycles } from '../integration/cycles.js';
import { requires } from '../requires.js';

requires('vm', 'bpf')('1,000 runs that are stopped', () => {
  it('leave nothing behind, and the agent does not grow', () => runCycles(1000));
});
