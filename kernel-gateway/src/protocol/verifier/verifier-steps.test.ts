import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueWords } from './value-words.js';
import { VerifierSteps } from './verifier-steps.js';

const folder = fileURLToPath(new URL('../../../../test/fixtures/verifier/', import.meta.url));
const logs = readdirSync(folder)
  .filter(name => name.endsWith('.log'))
  .map(name => readFileSync(folder + name, 'utf8').split('\n'));

describe('VerifierSteps', () => {
  it('finds each step’s way to the beginning, and words for all that is known on it, in every recorded log', () => {
    for (const lines of logs) {
      const log = new VerifierSteps(lines);
      log.steps.forEach((step, index) => {
        expect(step.parent).toBeLessThan(index);
        const { frame, frames } = log.after(index);
        for (const value of frames[frame]?.values() ?? []) {
          expect(valueWords(value).en).not.toBe('');
          expect(valueWords(value).zh).not.toBe('');
        }
      });
    }
  });

  it('goes back to the newest branch that is open', () => {
    const log = new VerifierSteps([
      '0: R1=ctx() R10=fp0',
      '0: (b7) r1 = 1                        ; R1=1',
      '1: (15) if r1 == 0x2 goto pc+2        ; R1=1',
      '2: (b7) r0 = 0                        ; R0=0',
      '3: (95) exit',
      '',
      'from 1 to 4: R1=2 R10=fp0',
      '4: (b7) r0 = 7                        ; R0=7'
    ]);
    expect(log.pathTo(4).map(index => log.steps[index]?.insn)).toEqual([0, 1, 4]);
    expect([...(log.before(4).frames[0] ?? [])]).toEqual([
      ['R1', '2'],
      ['R10', 'fp0']
    ]);
  });

  it('tells copies of a checked pointer, but not of one that was written over', () => {
    const pointer = 'map_value_or_null(id=1,map=m,ks=4,vs=8)';
    const log = new VerifierSteps([
      `0: (bf) r6 = r0                       ; R0=${pointer} R6=${pointer}`,
      `1: (bf) r7 = r0                       ; R7=${pointer}`,
      '2: (b7) r0 = 0                        ; R0=0',
      '3: (15) if r6 == 0x0 goto pc+1        ; R6=map_value(map=m,ks=4,vs=8)'
    ]);
    expect(log.after(2).frames[0]?.get('R7')).toBe(pointer);
    expect(log.after(3).frames[0]?.get('R7')).toBe('map_value(map=m,ks=4,vs=8)');
  });

  it('never throws, whatever the text', () => {
    const piece = fc.oneof(fc.constantFrom(...logs.flatMap(lines => lines.slice(0, 30))), fc.string());
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), lines => {
        const log = new VerifierSteps(lines);
        log.steps.forEach((_, index) => [log.before(index), log.after(index)]);
      }),
      { numRuns: 300 }
    );
    fc.assert(fc.property(fc.string(), text => valueWords(text).en.length >= 0));
  });
});
