import { describe, expect, it } from 'vitest';
import { insnListing } from '../disassemble/insn-listing.js';
import { insnLoader } from './insn-loader.js';
import { assemblerSource, helperNumbers, insnForm, macroSource } from './insn-source.js';
import { parseCell } from './parse-cell.js';

const helpers = helperNumbers('static __u32 (* const bpf_get_prandom_u32)(void) = (void *) 7;\n');

describe('%%insn', () => {
  it('tells macros from assembler', () => {
    expect(insnForm('BPF_MOV64_IMM(BPF_REG_0, 0), BPF_EXIT_INSN()')).toBe('macros');
    expect(insnForm('struct bpf_insn prog[] = { }')).toBe('macros');
    expect(insnForm('r0 = 0; exit')).toBe('assembler');
  });

  it('calls helpers by name and takes off what the log writes before a statement', () => {
    const source = assemblerSource('0: (b7) r0 = 0 // none\n1: (85) call bpf_get_prandom_u32\nexit # end', 2, helpers);
    expect(source.split('\n').slice(2)).toEqual(['r0 = 0 ', 'call 7', 'exit ', '']);
  });

  it('keeps the lines of the cell in both forms of macros', () => {
    const list = macroSource('BPF_MOV64_IMM(0, 0),\nBPF_EXIT_INSN()', 3).source.split('\n');
    expect(list.indexOf('BPF_EXIT_INSN()')).toBe(4);
    const array = macroSource('static struct bpf_insn prog[] = {\nBPF_EXIT_INSN(),\n};', 3).source.split('\n');
    expect(array.indexOf('BPF_EXIT_INSN(),')).toBe(4);
    expect(array[3]).toContain('section("program")');
  });

  it('lists instructions with number and bytes, a wide one on two lines', () => {
    const bytes = Uint8Array.from([0x18, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]);
    expect(insnListing(bytes).split('\n')).toEqual([
      '0: 18 02 00 00 01 00 00 00  (18) r2 = 0x200000001',
      '1: 00 00 00 00 02 00 00 00',
      '2: 95 00 00 00 00 00 00 00  (95) exit'
    ]);
  });

  it('writes the instructions and the type into the loader', () => {
    const bytes = Uint8Array.from([0x95, 0, 0, 0, 0, 0, 0, 0]);
    const text = insnLoader({ name: 'a', type: 'xdp', license: 'GPL', bytes });
    expect(text).toContain('0x0000000000000095ULL');
    expect(text).toContain('attr.prog_type = BPF_PROG_TYPE_XDP;');
    expect(text).toContain('test_run(fd);');
    expect(insnLoader({ name: 'a', type: 'kprobe', license: 'GPL', bytes })).not.toContain('\ttest_run(fd);');
  });

  it('reads type and license, and refuses a type that there is not', () => {
    expect(parseCell('%%insn drop --type xdp --license MIT\nr0 = 1; exit')).toMatchObject({
      kind: 'insn',
      name: 'drop',
      type: 'xdp',
      license: 'MIT'
    });
    expect(parseCell('%%insn --type lsm\nexit')).toMatchObject({ kind: 'invalid' });
  });
});
