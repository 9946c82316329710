import { INSN_BYTES, readInsns } from '../object/insn.js';
import { insnText, isWide } from './insn-text.js';

const nameless = { helper: (imm: number): string => String(imm), subprogram: (): string => '' };

/** Instructions as people read them, a line each: number, bytes in hex, text; the second half of a wide one has no text. */
export function insnListing(bytes: Uint8Array, helperName: (number: number) => string = nameless.helper): string {
  const insns = readInsns(bytes);
  const width = String(Math.max(0, insns.length - 1)).length;
  const lines = insns.map((insn, index) => {
    const own = bytes.subarray(index * INSN_BYTES, (index + 1) * INSN_BYTES);
    const hex = [...own].map(byte => byte.toString(16).padStart(2, '0')).join(' ');
    const before = insns[index - 1];
    const isSecondHalf = before !== undefined && isWide(before) && insn.code === 0;
    const text = isSecondHalf ? '' : insnText(insn, insns[index + 1], { ...nameless, helper: helperName });
    return `${String(index).padStart(width)}: ${hex}  ${text}`.trimEnd();
  });
  return lines.join('\n');
}
