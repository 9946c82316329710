import { describe, expect, it } from 'vitest';
import { ConsoleTail } from './console-tail.js';

const tailOf = (text: string): ConsoleTail => {
  const tail = new ConsoleTail();
  // In pieces, as a serial port gives it.
  for (let at = 0; at < text.length; at += 7) tail.push(Buffer.from(text.slice(at, at + 7)));
  return tail;
};

describe('ConsoleTail', () => {
  it('finds the cause of a panic among the lines after it', () => {
    const tail = tailOf(
      '[   11.2] sysrq: Trigger a crash\r\n' +
        '[   11.204418] Kernel panic - not syncing: sysrq triggered crash\r\n' +
        '[   11.2] CPU: 0 UID: 0 PID: 1 Comm: sh\r\n' +
        '[   11.3] ---[ end Kernel panic - not syncing: sysrq triggered crash ]---\r\n'
    );
    expect(tail.panic()).toBe('Kernel panic - not syncing: sysrq triggered crash');
  });

  it('knows no panic in an ordinary boot', () => {
    const tail = tailOf('[    0.000000][    T0] Linux version 6.12\r\n\r\nbpflab: the agent ended with status 1\r\n');
    expect(tail.panic()).toBeNull();
    expect(tail.lines()).toEqual(['Linux version 6.12', 'bpflab: the agent ended with status 1']);
  });

  it('keeps the newest 64 Ki characters of a flood', () => {
    const tail = tailOf('x'.repeat(200_000) + '\nlast\n');
    expect(tail.lines().join('\n').length).toBeLessThanOrEqual(64 * 1024);
    expect(tail.lines().at(-1)).toBe('last');
  });
});
