import { describe, expect, it } from 'vitest';
import { Progress, megabytes } from './progress.mjs';

class Lines {
  text = '';
  constructor(readonly isTTY: boolean) {}
  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

describe('Progress', () => {
  it('writes one line per step, with what was made and how long it took', () => {
    const out = new Lines(false);
    let nowMs = 1000;
    const progress = new Progress(out, { now: () => nowMs });
    const tools = progress.step('Tools image');
    const lab = progress.step('Lab image');
    nowMs += 3500;
    tools.done('110 packages');
    nowMs += 61_000;
    lab.done('219 packages');
    progress.step('Agent').cached();
    progress.close();
    expect(out.text.split('\n')).toEqual([
      'Tools image        110 packages (3.5 s)',
      'Lab image          219 packages (1 min 5 s)',
      'Agent              (from the cache)',
      ''
    ]);
  });

  it('ends a step once', () => {
    const out = new Lines(false);
    const step = new Progress(out).step('Agent');
    step.failed();
    step.done('built');
    expect(out.text.split('\n')).toHaveLength(2);
    expect(out.text).toContain('failed');
  });

  it('is silent about cached steps when asked to be', () => {
    const out = new Lines(false);
    new Progress(out, { quietWhenCached: true }).step('Agent').cached();
    expect(out.text).toBe('');
  });
});

describe('megabytes', () => {
  it('shows a digit behind the point for small amounts only', () => {
    expect([megabytes(1_540_000), megabytes(203_400_000)]).toEqual(['1.5 MB', '203 MB']);
  });
});
