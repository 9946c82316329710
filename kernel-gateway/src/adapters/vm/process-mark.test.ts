import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { isMarkAlive, processMark } from './process-mark.js';

describe('processMark', () => {
  it('is alive while its process is, and not afterwards', async () => {
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
    const mark = processMark(child.pid);
    expect(isMarkAlive(mark)).toBe(true);
    child.stdin.end();
    await once(child, 'exit');
    expect(isMarkAlive(mark)).toBe(false);
  });

  it('is not taken over by another process with the same number', () => {
    expect(isMarkAlive(processMark())).toBe(true);
    expect(isMarkAlive(`${process.pid}-1`)).toBe(false);
    expect(isMarkAlive(`${process.pid}-0`)).toBe(false);
    expect(isMarkAlive('no mark')).toBe(false);
  });
});
