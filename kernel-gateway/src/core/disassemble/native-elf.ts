/** A minimal ELF file around native code, so that a disassembler takes it (elf(5)). */

/** Machine numbers by the architecture's name of uname(2). */
const machines: Record<string, number> = { x86_64: 62, aarch64: 183, riscv64: 243, s390x: 22 };

const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const NAMES = '\0.text\0.shstrtab\0';

/**
 * A relocatable file whose one section of code is at `address`.
 *
 * @returns null for an architecture whose disassembler is not known
 */
export function nativeElf(code: Uint8Array, address: bigint, arch: string): Uint8Array | null {
  const machine = machines[arch];
  if (machine === undefined) return null;
  const names = Uint8Array.from(NAMES, character => character.charCodeAt(0));
  const sectionsAt = Math.ceil((HEADER_BYTES + code.length + names.length) / 8) * 8;
  const bytes = new Uint8Array(sectionsAt + 3 * SECTION_BYTES);
  const view = new DataView(bytes.buffer);
  // 0x7f ELF, 64 bits, little-endian, version 1; ET_REL.
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 1, true);
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(40, BigInt(sectionsAt), true);
  view.setUint16(52, HEADER_BYTES, true);
  view.setUint16(58, SECTION_BYTES, true);
  view.setUint16(60, 3, true);
  view.setUint16(62, 2, true);
  bytes.set(code, HEADER_BYTES);
  bytes.set(names, HEADER_BYTES + code.length);
  const section = (index: number, fields: { name: number; type: number; flags: bigint }): number => {
    const at = sectionsAt + index * SECTION_BYTES;
    view.setUint32(at, fields.name, true);
    view.setUint32(at + 4, fields.type, true);
    view.setBigUint64(at + 8, fields.flags, true);
    view.setBigUint64(at + 48, 1n, true);
    return at;
  };
  // SHT_PROGBITS with SHF_ALLOC | SHF_EXECINSTR; SHT_STRTAB.
  const text = section(1, { name: 1, type: 1, flags: 6n });
  view.setBigUint64(text + 16, address, true);
  view.setBigUint64(text + 24, BigInt(HEADER_BYTES), true);
  view.setBigUint64(text + 32, BigInt(code.length), true);
  const strings = section(2, { name: 7, type: 3, flags: 0n });
  view.setBigUint64(strings + 24, BigInt(HEADER_BYTES + code.length), true);
  view.setBigUint64(strings + 32, BigInt(names.length), true);
  return bytes;
}

/** Lines of `llvm-objdump -d --no-show-raw-insn`: address and text. */
export function readObjdump(output: string): { address: bigint; text: string }[] {
  return output.split('\n').flatMap(line => {
    const match = /^\s*([0-9a-f]+):\s*(\S.*)$/.exec(line);
    return match ? [{ address: BigInt(`0x${match[1]}`), text: (match[2] ?? '').replaceAll('\t', ' ').trim() }] : [];
  });
}
