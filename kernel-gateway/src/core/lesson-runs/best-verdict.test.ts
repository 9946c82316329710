import { expect, it } from 'vitest';
import { kernelsInOrder, verdictText } from './best-verdict.js';

const small = '6.12.1+deb13-cloud-amd64';
const newest = '7.3.4+deb13-cloud-amd64';
const whole = '7.3.4+deb13-amd64';

it('tries the default kernel, then small ones from the newest on, then those with all drivers', () => {
  expect(kernelsInOrder(['6.1.0-56-cloud-amd64', whole, small, newest], small)).toEqual([
    small,
    newest,
    '6.1.0-56-cloud-amd64',
    whole
  ]);
});

it('says where a program runs, or what the newest kernel lacks', () => {
  const no = (kernel: string, reason: string): { kernel: string; runs: false; reason: string } => ({
    kernel,
    runs: false,
    reason
  });
  const yes = { kernel: newest, runs: true, reason: '' };
  expect(verdictText([yes])).toBe('runs');
  expect(verdictText([no(small, 'it has no X'), yes])).toBe(`runs on kernel ${newest}; here not, because it has no X`);
  expect(verdictText([no(small, 'it has no X'), no(newest, 'it has no Y.')])).toBe('cannot, because it has no Y');
  expect(verdictText([])).toBe('not known');
});
