import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { pipSettings } from './setup/pip-settings.mjs';
import { readZip } from './setup/read-zip.mjs';

describe('settings of pip', () => {
  const none = (): null => null;

  it('are the index of PyPI when there are none', () => {
    expect(pipSettings({ HOME: '/h' }, none)).toEqual({ index: 'https://pypi.org/simple', proxy: null, cert: null });
  });

  it('come from the environment before files, and from the user before the system', () => {
    const files: Record<string, string> = {
      '/h/.config/pip/pip.conf': '[global]\nindex-url = https://mirror/simple\n[list]\nproxy = http://not-this\n',
      '/etc/pip.conf': '[global]\nindex-url = https://system/simple\nproxy=http://proxy:3128\n'
    };
    const read = (path: string): string | null => files[path] ?? null;
    expect(pipSettings({ HOME: '/h', PIP_CERT: '/ca.pem' }, read)).toEqual({
      ...{ index: 'https://mirror/simple', proxy: 'http://proxy:3128', cert: '/ca.pem' }
    });
    expect(pipSettings({ HOME: '/h', PIP_INDEX_URL: 'https://env/simple' }, read).index).toBe('https://env/simple');
  });
});

describe('a zip archive', () => {
  /** An archive as wheels are: one packed file, a directory. */
  function zipOf(name: string, content: Buffer, method: 0 | 8): Buffer {
    const packed = method === 8 ? deflateRawSync(content) : content;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt16LE(name.length, 28);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(local.length + name.length + packed.length, 16);
    return Buffer.concat([local, Buffer.from(name), packed, entry, Buffer.from(name), end]);
  }

  it.each([0, 8] as const)('gives its files, method %i', method => {
    const content = Buffer.from('{"text":["文本"]}');
    const archive = zipOf('a/b.json', content, method);
    expect(readZip(archive, 'a/b.json')).toEqual(content);
    expect(readZip(archive, 'other')).toBeNull();
  });

  it('is refused when it is none', () => {
    expect(() => readZip(Buffer.from('no archive at all, really'), 'x')).toThrow('no zip archive');
  });
});
