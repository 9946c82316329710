import { describe, expect, it } from 'vitest';
import { OriginGuard } from './origin-guard.js';

const guard = new OriginGuard(['lab.example.org']);

describe('the origin guard', () => {
  it.each([
    'localhost',
    'localhost:8888',
    '127.0.0.1:1',
    '[::1]:8888',
    '192.168.1.5',
    'LAB.example.org',
    'x.localhost:80'
  ])('takes Host %s', host => {
    expect(guard.isOurHost(host)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'evil.example.org',
    'localhost.evil.org',
    'evil.org:8888',
    '127.0.0.1.evil.org',
    'localhost/x',
    'a b',
    'user@localhost',
    'notlab.example.org'
  ])('refuses Host %s', host => {
    expect(guard.isOurHost(host)).toBe(false);
  });

  it('takes the origin that was asked, and requests that are of no page', () => {
    expect(guard.isOurOrigin('http://localhost:8888', 'localhost:8888')).toBe(true);
    expect(guard.isOurOrigin('https://lab.example.org', 'lab.example.org')).toBe(true);
    expect(guard.isOurOrigin(undefined, 'localhost:8888')).toBe(true);
  });

  it.each(['http://localhost:9999', 'http://evil.org', 'null', 'file://', 'http://127.0.0.1:8888'])(
    'refuses origin %s',
    origin => {
      expect(guard.isOurOrigin(origin, 'localhost:8888')).toBe(false);
    }
  );
});
