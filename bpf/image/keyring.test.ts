import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepPinned, splitKeys } from './keyring.mjs';

/** A packet with an old-format header and a two-byte length (RFC 9580, 4.2.2). */
function packet(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | (tag << 2) | 1, body.length >> 8, body.length & 255]), body]);
}

function key(seed: string): { bytes: Buffer; fingerprint: string } {
  const body = Buffer.concat([Buffer.from([4]), Buffer.from(seed.padEnd(40, '.'))]);
  const head = Buffer.from([0x99, body.length >> 8, body.length & 255]);
  return {
    bytes: Buffer.concat([
      packet(6, body),
      packet(13, Buffer.from(`${seed} <a@b>`)),
      packet(14, Buffer.from([4, 1, 2]))
    ]),
    fingerprint: createHash('sha1').update(head).update(body).digest('hex').toUpperCase()
  };
}

describe('keepPinned', () => {
  const [first, second, other] = [key('first'), key('second'), key('other')];
  const ring = Buffer.concat([first.bytes, other.bytes, second.bytes]);

  it('keeps the named keys with all their packets, and says which are missing', () => {
    const { keyring, missing } = keepPinned([ring], [first.fingerprint, second.fingerprint, 'F'.repeat(40)]);
    expect(keyring.equals(Buffer.concat([first.bytes, second.bytes]))).toBe(true);
    expect(missing).toEqual(['F'.repeat(40)]);
  });

  it('keeps a key once that several files hold', () => {
    expect(keepPinned([ring, ring], [other.fingerprint]).keyring.equals(other.bytes)).toBe(true);
  });

  it('reads armored keyrings', () => {
    const base64 = ring.toString('base64').replace(/(.{64})/g, '$1\n');
    const armored = `-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: x\n\n${base64}\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n`;
    expect(keepPinned([Buffer.from(armored)], [second.fingerprint]).keyring.equals(second.bytes)).toBe(true);
  });

  it('never fails on other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const keys = splitKeys(Buffer.from(bytes));
        expect(keys.every(({ fingerprint }) => /^[0-9A-F]{40}$/.test(fingerprint))).toBe(true);
      })
    );
  });
});
