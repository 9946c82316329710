import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInsns } from '../object/insn.js';
import { insnText, type InsnNames } from './insn-text.js';
import { nativeElf, readObjdump } from './native-elf.js';
import { programLines } from './program-lines.js';

const names: InsnNames = { helper: imm => (imm === 1 ? 'map_lookup' : ''), subprogram: () => '' };
const text = (hex: string): string => {
  const [insn, next] = readInsns(Uint8Array.from(hex.match(/../g) ?? [], pair => parseInt(pair, 16)));
  return insnText(insn!, next, names);
};

describe('insnText', () => {
  // Bytes and texts of kernel/bpf/disasm.c, checked with bpftool on programs in test/integration/inspector.test.ts.
  it.each([
    ['b701000005000000', '(b7) r1 = 5'],
    ['bf61000000000000', '(bf) r1 = r6'],
    ['bc61000000000000', '(bc) w1 = w6'],
    ['bf61080000000000', '(bf) r1 = (s8)r6'],
    ['07020000f8ffffff', '(07) r2 += -8'],
    ['3f12010000000000', '(3f) r2 s/= r1'],
    ['dc01000010000000', '(dc) r1 = be16 r1'],
    ['d701000020000000', '(d7) r1 = bswap32 r1'],
    ['8701000000000000', '(87) r1 = -r1'],
    ['6112040000000000', '(61) r2 = *(u32 *)(r1 +4)'],
    ['9112f8ff00000000', '(91) r2 = *(s8 *)(r1 -8)'],
    ['7b1af8ff00000000', '(7b) *(u64 *)(r10 -8) = r1'],
    ['620afcff07000000', '(62) *(u32 *)(r10 -4) = 7'],
    ['db10000000000000', '(db) lock *(u64 *)(r0 +0) += r1'],
    ['db10000001000000', '(db) r1 = atomic64_fetch_add((u64 *)(r0 +0), r1)'],
    ['c3100800f1000000', '(c3) r0 = atomic_cmpxchg((u32 *)(r0 +8), r0, r1)'],
    ['8500000001000000', '(85) call map_lookup#1'],
    ['8510000005000000', '(85) call pc+0'],
    ['150001000a000000', '(15) if r0 == 0xa goto pc+1'],
    ['ad21feff00000000', '(ad) if r1 < r2 goto pc-2'],
    ['16000100ffffffff', '(16) if w0 == 0xffffffff goto pc+1'],
    ['0500020000000000', '(05) goto pc+2'],
    ['0600000002000000', '(06) gotol pc+2'],
    ['e500020000000000', '(e5) may_goto pc+2'],
    ['9500000000000000', '(95) exit'],
    ['2000000004000000', '(20) r0 = *(u32 *)skb[4]'],
    ['18110000050000000000000000000000', '(18) r1 = map[id:5]'],
    ['18210000050000000000000008000000', '(18) r1 = map[id:5][0]+8'],
    ['18010000ffffffff0000000001000000', '(18) r1 = 0x1ffffffff']
  ])('prints %s as %s', (bytes, wanted) => {
    expect(text(bytes)).toBe(wanted);
  });

  it('prints any instruction', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes => {
        const [insn, next] = readInsns(bytes);
        expect(insnText(insn!, next, names)).toMatch(/^\([0-9a-f]{2}\) .+$/);
      })
    );
  });
});

describe('programLines', () => {
  it('leaves out no instruction, whatever the lines say', () => {
    const line = fc.record({
      insn: fc.nat(12),
      file: fc.constant('a.c'),
      line: fc.nat(5),
      text: fc.constant('x'),
      address: fc.option(fc.bigInt({ min: 0n, max: 50n }))
    });
    const native = fc
      .uniqueArray(fc.bigInt({ min: 0n, max: 60n }))
      .map(all => all.sort((a, b) => Number(a - b)).map(address => ({ address, text: 'nop' })));
    fc.assert(
      fc.property(fc.uniqueArray(line, { selector: one => one.insn }), native, (lines, insns) => {
        const xlated = new Uint8Array(10 * 8).fill(0x95);
        const result = programLines({ xlated, lines, functions: [], native: insns, names });
        expect(result.flatMap(one => one.xlated.map(insn => insn.at))).toEqual(
          Array.from({ length: 10 }, (_, index) => String(index))
        );
        const addresses = result.flatMap(one => one.jited.map(insn => insn.at));
        expect(new Set(addresses)).toEqual(new Set(insns.map(one => `0x${one.address.toString(16)}`)));
        expect(addresses).toHaveLength(insns.length);
      })
    );
  });
});

describe('nativeElf', () => {
  it('is for machines that are known', () => {
    expect(nativeElf(Uint8Array.of(0xc3), 16n, 'vax')).toBeNull();
    const file = nativeElf(Uint8Array.of(0xc3), 16n, 'x86_64');
    expect([...(file ?? []).slice(0, 4)]).toEqual([0x7f, 0x45, 0x4c, 0x46]);
    expect(file?.[64]).toBe(0xc3);
  });

  it('reads what the disassembler prints', () => {
    const output =
      '\n/code/0.o:\tfile format elf64-x86-64\n\nffffffffc0001000 <.text>:\nffffffffc0001000:      \tnopl\t(%rax)\n';
    expect(readObjdump(output)).toEqual([{ address: 0xffffffffc0001000n, text: 'nopl (%rax)' }]);
  });
});
