import { it } from 'vitest';
import { compareKilledPages } from '../e2e/reload-run.js';
import { requires } from '../requires.js';

requires('vm', 'chromium')('a page that is killed 20 times while its cells run', () => {
  it('loses nothing of what they print', () => compareKilledPages(20));
});
