import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, MAX_DURATION_MS, parseDuration } from './duration.js';
import { parseWait } from './parse-wait.js';

describe('parseWait', () => {
  it('reads counts, names, ends and times', () => {
    expect(parseWait('events>=10 --timeout 5s')).toEqual({
      conditions: [{ kind: 'events', view: null, operator: '>=', count: 10n }],
      timeoutMs: 5000
    });
    expect(parseWait(['events.rb', '==', '3', 'maps.counts>0', 'ended.hello', '500ms'])).toEqual({
      conditions: [
        { kind: 'events', view: 'rb', operator: '=', count: 3n },
        { kind: 'map', map: 'counts', operator: '>', count: 0n },
        { kind: 'ended', run: 'hello' },
        { kind: 'time', ms: 500 }
      ],
      timeoutMs: 30_500
    });
  });

  it.each(['', 'evnts>1', 'maps>=3', 'events>=x', 'events>=1 --timeout soon', '--timeout'])('refuses %j', text => {
    expect(() => parseWait(text)).toThrow(expect.objectContaining({ code: 'BPFLAB_CELL_OPTION' }) as Error);
  });
});

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['5s', 5000],
    ['1.5m', 90_000],
    ['2', 2000],
    ['25h', null],
    ['-1s', null],
    ['5 parsecs', null]
  ])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it('reads back what formatDuration wrote', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_DURATION_MS }), ms => parseDuration(formatDuration(ms)) === ms)
    );
  });
});
