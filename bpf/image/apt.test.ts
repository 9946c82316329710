import { describe, expect, it } from 'vitest';
import { acquireSettings, mirrorsToTry, parseUris } from './apt.mjs';

describe('parseUris', () => {
  it('reads name, version with epoch, size and hash', () => {
    const sha256 = 'a'.repeat(64);
    const line = `'http://deb.debian.org/debian/pool/main/c/clang_19_amd64.deb' clang-19_1%3a19.1.7-3+b1_amd64.deb 42 SHA256:${sha256}`;
    expect(parseUris(`NOTE: nothing\n${line}\n`)).toEqual([
      {
        name: 'clang-19',
        version: '1:19.1.7-3+b1',
        file: 'clang-19_1%3a19.1.7-3+b1_amd64.deb',
        size: 42,
        sha256,
        uri: 'http://deb.debian.org/debian/pool/main/c/clang_19_amd64.deb'
      }
    ]);
  });

  it('refuses a package without SHA-256', () => {
    expect(() => parseUris("'http://x/a_1_all.deb' a_1_all.deb 42 MD5Sum:00")).toThrow(/without SHA-256/);
  });
});

describe('mirrorsToTry', () => {
  it("takes the host's own Debian mirror, and Debian's behind it", () => {
    const targets =
      'http://near/debian/ bookworm\nhttp://near/debian/ bookworm-updates\nhttp://near/sec/ bookworm-security';
    expect(mirrorsToTry(undefined, targets)).toEqual([
      { archive: 'http://near/debian', security: 'http://near/sec' },
      { archive: 'http://deb.debian.org/debian', security: 'http://deb.debian.org/debian-security' }
    ]);
  });

  it("takes Debian's on a host with other repositories only", () => {
    expect(mirrorsToTry(undefined, 'http://archive.ubuntu.com/ubuntu/ noble\nhttps://x/node nodistro')).toEqual([
      { archive: 'http://deb.debian.org/debian', security: 'http://deb.debian.org/debian-security' }
    ]);
  });

  it('completes a chosen mirror, then does without its security suite', () => {
    const tries = mirrorsToTry('http://mirror/debian/');
    expect(tries.map(({ archive }) => archive)).toEqual(Array(3).fill('http://mirror/debian'));
    expect(tries.map(({ security }) => security)).toEqual([
      'http://mirror/debian-security',
      'http://deb.debian.org/debian-security',
      null
    ]);
  });
});

describe('acquireSettings', () => {
  it('keeps proxies and credentials, and nothing that weakens signatures or changes what is fetched', () => {
    const dump = [
      'Acquire "";',
      'Acquire::http::Proxy "http://proxy:3128";',
      'Acquire::http::Proxy::near "DIRECT";',
      'Acquire::AllowInsecureRepositories "1";',
      'Acquire::Languages:: "none";',
      'Acquire::GzipIndexes "true";',
      'APT::Update::Post-Invoke:: "rm -f /var/cache/apt/archives/*.deb";',
      'Dir::Etc::netrc "auth.conf";',
      'Dir::Etc::netrc "/etc/apt/auth.conf";'
    ];
    expect(acquireSettings(dump.join('\n')).split('\n')).toEqual([dump[1], dump[2], dump[8]]);
  });
});
