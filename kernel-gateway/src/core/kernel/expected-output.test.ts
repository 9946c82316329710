import { describe, expect, it } from 'vitest';
import type { CellOutput } from '../session/ports.js';
import { ExpectedOutput } from './expected-output.js';

const printed = (text: string): CellOutput => ({ kind: 'stream', name: 'stdout', text });
const saidOf = (expected: unknown, text: string): string | undefined => {
  const cell = ExpectedOutput.of({ bpflab: { lesson: { expected } } });
  cell?.take(printed(text));
  const said = cell?.result();
  return said?.kind === 'display' ? String(said.data['text/plain']) : undefined;
};

describe('what a lesson says that comes out', () => {
  it('is compared with what came out', () => {
    expect(saidOf('pid=12 ret=0', 'pid=5 ret=1\n')).toContain('✓');
    expect(saidOf('TIME PID COMM\n', 'TIME PID\n10:00:00 5')).toBe(
      '≠ The lesson shows what did not come out: column COMM.'
    );
  });

  it('is not when the cell printed nothing, or nothing is expected', () => {
    expect(saidOf('pid=12', '')).toBeUndefined();
    expect(saidOf(undefined, 'x')).toBeUndefined();
    expect(ExpectedOutput.of({})).toBeNull();
    expect(ExpectedOutput.of({ bpflab: null })).toBeNull();
  });
});
