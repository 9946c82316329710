import { execFileSync } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressTable } from './address-table.js';
import { fileAddress, readElfFunctions, readElfLayout, type ReadPart } from './elf-symbols.js';
import { readKernelSymbols } from './kernel-symbols.js';
import { mappingOf, readProcessMaps } from './process-maps.js';

describe('AddressTable', () => {
  it('finds the function that an address is in, as a walk over all of them does', () => {
    const entry = fc.record({ address: fc.bigInt({ min: 0n, max: 200n }), size: fc.bigInt({ min: 0n, max: 20n }) });
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { selector: one => one.address }),
        fc.bigInt({ min: 0n, max: 250n }),
        (all, wanted) => {
          const named = all.map(({ address }) => ({ address, name: `f${address}`, origin: '' }));
          const table = new AddressTable(
            named,
            all.map(({ size }) => size)
          );
          const before = all.filter(one => one.address <= wanted).sort((a, b) => Number(b.address - a.address))[0];
          const isIn = before && (before.size === 0n || wanted < before.address + before.size);
          expect(table.find(wanted)?.name ?? null).toBe(isIn ? `f${before.address}` : null);
        }
      )
    );
  });
});

describe('readKernelSymbols', () => {
  it('reads functions of kernel and modules, and no data', () => {
    const table = readKernelSymbols(
      'ffffffff81000000 T _text\nffffffff81000100 t do_it\nffffffff82000000 D jiffies\nffffffffc0000010 t hook\t[nf_tables]\nffffffffc0000020 t bpf_prog_1_f\t[bpf]\n'
    );
    expect(table?.find(0xffffffff81000105n)).toEqual({ name: 'do_it', origin: '', offset: 5n });
    expect(table?.find(0xffffffffc0000010n)).toMatchObject({ name: 'hook', origin: 'nf_tables' });
    expect(table?.size).toBe(4);
  });

  it('knows a kernel that hides its addresses', () => {
    expect(readKernelSymbols('0000000000000000 T _text\n0000000000000000 t do_it\n')).toBeNull();
  });

  it('reads any text', () => {
    fc.assert(fc.property(fc.string(), text => void readKernelSymbols(text)));
  });
});

describe('readProcessMaps', () => {
  it('reads what is executable, with names that have blanks', async () => {
    const [mapping] = readProcessMaps(
      '7f0000001000-7f0000002000 r--p 00000000 08:01 12 /usr/lib/a.so\n' +
        '7f0000002000-7f0000003000 r-xp 00001000 08:01 12                  /tmp/a b (deleted)\n' +
        '7ffff0000000-7ffff0001000 r-xp 00000000 00:00 0                   [vdso]\n'
    );
    expect(mapping).toEqual({
      start: 0x7f0000002000n,
      end: 0x7f0000003000n,
      fileOffset: 0x1000n,
      file: '08:01 12',
      path: '/tmp/a b'
    });
    const own = readProcessMaps(await readFile('/proc/self/maps', 'utf8'));
    expect(own.some(one => one.path === '[vdso]')).toBe(true);
    expect(mappingOf(own, own[0]?.start ?? 0n)).toBe(own[0]);
  });
});

describe('readElfLayout, readElfFunctions', () => {
  it('find the functions of a real library where nm finds them', async () => {
    const library = readProcessMaps(await readFile('/proc/self/maps', 'utf8')).find(one => /libc\.so/.test(one.path))!;
    const file = await open(library.path);
    const read: ReadPart = async (offset, bytes) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, Number(offset));
      return buffer.subarray(0, bytesRead);
    };
    const layout = await readElfLayout(read);
    const functions = layout && (await readElfFunctions(layout, read));
    await file.close();
    const lines = execFileSync('nm', ['-D', '--defined-only', library.path]).toString().split('\n');
    // Several names may stand for one address.
    const known = new Set(lines.map(line => line.replace(/ . /, ' ').split('@')[0]));
    const exported = lines.filter(line => / T /.test(line)).map(line => line.split(' ')[0] ?? '');
    expect(exported.length).toBeGreaterThan(500);
    const wrong = exported.filter(address => !known.has(`${address} ${functions?.find(BigInt(`0x${address}`))?.name}`));
    expect(wrong).toEqual([]);
    expect(layout && fileAddress(layout, library.fileOffset)).not.toBeNull();
    expect(layout?.buildId).toMatch(/^[0-9a-f]{40}$/);
  });

  it('answer any bytes', async () => {
    const header = (bytes: Uint8Array): Uint8Array => Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, ...bytes);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, isElf) => {
        const file = isElf ? header(bytes) : bytes;
        const read: ReadPart = (offset, count) =>
          Promise.resolve(
            offset > BigInt(file.length) ? new Uint8Array(0) : file.subarray(Number(offset), Number(offset) + count)
          );
        const layout = await readElfLayout(read);
        if (layout) await readElfFunctions(layout, read);
      })
    );
  });
});
