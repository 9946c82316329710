import type { InspectInsn, InspectLine } from '../../protocol/index.js';
import { readInsns } from '../object/insn.js';
import { insnText, isWide, type InsnNames } from './insn-text.js';

/** A record of `struct bpf_line_info`: the C line from instruction `insn` on, and where its native code begins. */
export interface CodeLine {
  insn: number;
  file: string;
  line: number;
  text: string;
  /** Null: there is no native code, or the kernel hides where it is. */
  address: bigint | null;
}

/** All parts of a loaded program's code. */
export interface ProgramCode {
  xlated: Uint8Array;
  lines: readonly CodeLine[];
  /** First instruction of each function. */
  functions: readonly { insn: number; name: string }[];
  /** Native instructions in the order of their addresses. */
  native: readonly { address: bigint; text: string }[];
  names: InsnNames;
}

function xlatedTexts(bytes: Uint8Array, names: InsnNames): (InspectInsn | null)[] {
  const insns = readInsns(bytes);
  return insns.map((insn, index) => {
    const before = insns[index - 1];
    // The second half of a wide load is no instruction of its own.
    if (insn.code === 0 && before !== undefined && isWide(before)) return null;
    return { at: String(index), text: insnText(insn, insns[index + 1], names) };
  });
}

/** Places of C lines, in the order of the instructions; a program without lines is one place. */
function places(code: ProgramCode, count: number): CodeLine[] {
  const lines = [...code.lines].sort((a, b) => a.insn - b.insn);
  const first = lines[0];
  if (first === undefined || first.insn > 0) {
    lines.unshift({ insn: 0, file: '', line: 0, text: '', address: code.native[0]?.address ?? null });
  }
  return lines.filter(line => line.insn < count);
}

/** Native instructions by the place that they belong to: the last one that begins at or before them. */
function nativeByPlace(code: ProgramCode, lines: readonly CodeLine[]): Map<CodeLine, InspectInsn[]> {
  const byAddress = lines
    .filter(line => line.address !== null)
    .sort((a, b) => ((a.address ?? 0n) < (b.address ?? 0n) ? -1 : 1));
  const found = new Map<CodeLine, InspectInsn[]>();
  let at = 0;
  for (const { address, text } of code.native) {
    while (at + 1 < byAddress.length && (byAddress[at + 1]?.address ?? 0n) <= address) at++;
    const place = byAddress[at] ?? lines[0];
    if (place === undefined) break;
    const insns = found.get(place) ?? [];
    found.set(place, insns);
    insns.push({ at: `0x${address.toString(16)}`, text });
  }
  return found;
}

/** The code of a program by C line, in the order of the instructions; neighbors of one line are one. */
export function programLines(code: ProgramCode): InspectLine[] {
  const insns = xlatedTexts(code.xlated, code.names);
  const lines = places(code, insns.length);
  const native = nativeByPlace(code, lines);
  const result: InspectLine[] = [];
  lines.forEach((place, index) => {
    const end = lines[index + 1]?.insn ?? insns.length;
    const xlated = insns.slice(place.insn, end).filter(insn => insn !== null);
    const jited = native.get(place) ?? [];
    const name = code.functions.find(one => one.insn === place.insn)?.name ?? '';
    const before = result.at(-1);
    if (before?.line === place.line && before.file === place.file && name === '') {
      before.xlated.push(...xlated);
      before.jited.push(...jited);
    } else {
      result.push({ function: name, file: place.file, line: place.line, text: place.text, xlated, jited });
    }
  });
  return result;
}
