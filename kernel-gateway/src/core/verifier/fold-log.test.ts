import { expect, it } from 'vitest';
import { VerifierSteps } from '../../protocol/index.js';
import { foldedText, foldLog } from './fold-log.js';
import { parseVerifierLog } from './parse-log.js';

const turns = (count: number): string =>
  Array.from({ length: count }, (_, turn) => `${turn % 3}: (b7) r1 = ${turn}   ; R1=${turn}\n`).join('') +
  'BPF program is too large. Processed 1000001 insn\nprocessed 1000001 insns (limit 1000000)\n';

it('keeps a log that a notebook can hold', () => {
  expect(foldLog(turns(19_990))).toBeNull();
  expect(foldLog('')).toBeNull();
});

it('loses no line of a larger one', () => {
  const log = turns(100_000);
  const folded = foldLog(log);
  if (folded === null) throw new Error('nothing was folded');
  const linesOf = (text: string): number => text.split('\n').length - 1;
  expect(linesOf(folded.head) + folded.lines + linesOf(folded.tail)).toBe(linesOf(log));
  expect(log.startsWith(folded.head) && log.endsWith(folded.tail)).toBe(true);
});

it('is still read: the reason is found, and no path goes through the fold', () => {
  const folded = foldLog(turns(100_000));
  if (folded === null) throw new Error('nothing was folded');
  const log = parseVerifierLog(foldedText(folded, 'large.verifier.log'));
  expect(log.lines[log.reasonLine]).toMatch(/^BPF program is too large/);
  const steps = new VerifierSteps(log.lines);
  expect(steps.pathTo(steps.steps.length - 1)).toHaveLength(18_998);
});
