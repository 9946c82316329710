import { describe, expect, it } from 'vitest';
import { NewestCheck } from './newest-check.js';

describe('NewestCheck', () => {
  it('checks one text at a time, and of those that wait only the newest', async () => {
    const begun: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>(resolve => (release = resolve));
    const check = new NewestCheck<string>(async text => {
      begun.push(text);
      await held;
      return `checked ${text}`;
    });
    const answers = [check.ask('a'), check.ask('b'), check.ask('c')];
    release();
    expect(await Promise.all(answers)).toEqual(['checked a', null, 'checked c']);
    expect(begun).toEqual(['a', 'c']);
  });

  it('passes a failure on, and goes on', async () => {
    const check = new NewestCheck<string>(text =>
      text === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve(text)
    );
    await expect(check.ask('bad')).rejects.toThrow('no');
    expect(await check.ask('good')).toBe('good');
  });
});
