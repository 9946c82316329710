import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { packageLockFile, parsePackageLock, readPackageLock, writePackageLock } from './package-lock.mjs';

const entry = {
  name: 'dash',
  version: '0.5.12-12',
  file: 'dash_0.5.12-12_amd64.deb',
  size: 98,
  sha256: '0'.repeat(64),
  uri: 'http://mirror/dash.deb'
};

describe('package lock', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bpflab-lock-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read as it was written, and only for the same list', () => {
    const file = packageLockFile(folder, 'tools', ['dash']);
    writePackageLock(file, 'tools', ['dash'], [entry]);
    expect(readPackageLock(file)).toEqual([entry]);
    expect(readPackageLock(packageLockFile(folder, 'tools', ['dash', 'bash']))).toBeNull();
  });

  it('counts as absent when it is damaged', () => {
    const file = join(folder, 'damaged.json');
    writeFileSync(file, '{"version":1,"packages":[{"name":"da');
    expect(readPackageLock(file)).toBeNull();
  });

  it.each([
    ['another version', { version: 2, packages: [entry] }],
    ['no packages', { version: 1, packages: [] }],
    ['a path as file name', { version: 1, packages: [{ ...entry, file: '../dash.deb' }] }],
    ['a short hash', { version: 1, packages: [{ ...entry, sha256: 'abc' }] }]
  ])('is refused with %s', (_, lock) => {
    expect(() => parsePackageLock(JSON.stringify(lock))).toThrow(/package lock/);
  });

  it('never fails other than by an Error, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        expect(() => parsePackageLock(text)).toThrow(Error);
      })
    );
  });
});
