import { describe, expect, it } from 'vitest';
import { isInstalled } from './setup/npm-packages.mjs';

const locked = {
  '': { version: '0.1.0' },
  extension: { version: '0.1.0' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/extension': { link: true },
  'node_modules/win32-only': { version: '2.0.0', integrity: 'sha512-w', optional: true }
};
const installed = {
  extension: { version: '0.1.0' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/extension': { link: true }
};

describe('isInstalled', () => {
  it('does not ask for optional packages of other platforms', () => {
    expect(isInstalled(locked, installed)).toBe(true);
  });

  it.each([
    ['nothing is installed', null],
    ['a package is missing', { extension: { version: '0.1.0' } }],
    ['a package has another version', { ...installed, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }],
    ['a package has other contents', { ...installed, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } }],
    ['there is one that the lock lacks', { ...installed, 'node_modules/b': { version: '1.0.0' } }]
  ])('is false when %s', (_, found) => {
    expect(isInstalled(locked, found)).toBe(false);
  });
});
