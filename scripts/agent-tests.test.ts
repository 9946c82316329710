import { describe, expect, it } from 'vitest';
import { countTests } from './setup/agent-tests.mjs';

describe('countTests', () => {
  it('sums the lines of several runners', () => {
    const text = 'frame: ok\n12 passed, 0 failed\nmaps:\n3 passed, 1 failed, 2 skipped\n';
    expect(countTests(text, 1)).toEqual({ passed: 15, failed: 1, skipped: 2 });
  });

  it('takes the exit status where nothing is counted', () => {
    expect(countTests('Done 100000 runs', 0)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(countTests('', 2)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('does not believe a runner that counts no failure and fails', () => {
    expect(countTests('5 passed, 0 failed', 139)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });
});
