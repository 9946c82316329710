import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { helperName } from '../../language/helper-since.table.js';
import { readElf } from '../elf.js';
import { certainCalls } from './certain-calls.js';
import { CodeImage } from './code-image.js';

const bytes = readFileSync(new URL('../../../../../test/fixtures/objects/calls.o', import.meta.url));
const image = new CodeImage(readElf(bytes));

function callsOf(program: string): (string | null)[] {
  const code = image.functions.find(one => one.name === program);
  if (code === undefined) throw new Error(`no ${program}`);
  const { helpers, functions } = certainCalls(image, code);
  return [...helpers.map(helperName), ...functions];
}

it('finds calls behind what only the program sees, and those of its functions', () => {
  expect(callsOf('plain')).toEqual(['bpf_ktime_get_ns', 'bpf_get_smp_processor_id', 'bpf_strict_call']);
  expect(callsOf('called_back')).toEqual(['bpf_get_numa_node_id', 'bpf_loop']);
});

it('leaves out what constants, the kernel, CO-RE and weak symbols may close', () => {
  expect(callsOf('closed')).toEqual(['bpf_get_prandom_u32']);
});

it('finds what is called on both ways of such a branch', () => {
  expect(callsOf('both')).toEqual(['bpf_trace_printk']);
});

it('answers for any instructions', () => {
  const slot = fc.record({
    code: fc.constantFrom(0x85, 0x95, 0x18, 0x15, 0x05, 0x06, 0x61, 0x7b, 0xb7, 0xe5, 0x00),
    dst: fc.integer({ min: 0, max: 15 }),
    src: fc.integer({ min: 0, max: 2 }),
    off: fc.integer({ min: -4, max: 4 }),
    imm: fc.integer({ min: -2, max: 211 })
  });
  fc.assert(
    fc.property(fc.array(slot, { minLength: 1, maxLength: 40 }), insns => {
      const code = { name: 'f', section: 1, start: 0, insns };
      const called = new Set(insns.filter(one => one.code === 0x85 && one.src === 0).map(one => one.imm));
      return certainCalls(image, code).helpers.every(helper => called.has(helper));
    })
  );
});
