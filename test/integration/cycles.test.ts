import { it } from 'vitest';
import { requires } from '../requires.js';
import { runCycles } from './cycles.js';

requires('vm', 'bpf')('100 runs that are stopped', () => {
  it('leave nothing behind', () => runCycles(100));
});
