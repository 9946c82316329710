import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compressedKernel, elfSection } from './kernel-image.mjs';

/** A bzImage with one setup sector, whose payload begins 16 bytes behind it. */
function bzImage(payload: Buffer): Buffer {
  const image = Buffer.alloc(2 * 512 + 16 + payload.length + 8);
  image[0x1f1] = 1;
  image.write('HdrS', 0x202, 'latin1');
  image.writeUInt32LE(16, 0x248);
  image.writeUInt32LE(payload.length, 0x24c);
  payload.copy(image, 2 * 512 + 16);
  return image;
}

const sizeBehind = Buffer.from([1, 2, 3, 4]);

describe('compressedKernel', () => {
  it('finds a gzip payload, whole', () => {
    const { format, payload } = compressedKernel(bzImage(gzipSync('kernel')));
    expect([format, gunzipSync(payload).toString()]).toEqual(['gzip', 'kernel']);
  });

  it.each([
    ['zstd', '28b52ffd0011'],
    ['xz', 'fd377a585a00aa'],
    ['lz4', '02214c180011']
  ])('knows %s, and leaves out the size behind it', (format, hex) => {
    const body = Buffer.from(hex, 'hex');
    const found = compressedKernel(bzImage(Buffer.concat([body, sizeBehind])));
    expect([found.format, found.payload.toString('hex')]).toEqual([format, hex]);
  });

  it('refuses what is no bzImage', () => {
    expect(() => compressedKernel(Buffer.alloc(4096))).toThrow('no bzImage');
    expect(() => compressedKernel(bzImage(Buffer.alloc(16)))).toThrow('unknown way');
  });
});

describe('elfSection', () => {
  it('reads a section of a real program, here of the running Node', () => {
    const interpreter = elfSection(readFileSync(process.execPath), '.interp');
    expect(interpreter?.toString('latin1')).toMatch(/^\/lib.*\/ld-linux.*\0$/);
  });

  it('gives null for a section that is not there', () => {
    expect(elfSection(readFileSync(process.execPath), '.BTF')).toBeNull();
  });
});
