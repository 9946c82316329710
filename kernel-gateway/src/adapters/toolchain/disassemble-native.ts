import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeElf, readObjdump } from '../../core/disassemble/native-elf.js';
import { runSandboxed } from './run-sandboxed.js';
import type { SandboxImages } from './sandbox.js';

/** Native code of one function and where it is in the kernel. */
export interface NativeFunction {
  address: bigint;
  bytes: Uint8Array;
}

/**
 * Disassembles native code with the lab image's llvm-objdump, in the sandbox. `arch` is as uname(2) names it.
 *
 * @returns instructions of all functions in the order of their addresses; empty for an architecture that it does not know
 * @throws LabError BPFLAB_CC_SANDBOX
 */
export async function disassembleNative(
  images: SandboxImages,
  functions: readonly NativeFunction[],
  arch: string
): Promise<{ address: bigint; text: string }[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bpflab-code-'));
  try {
    const names: string[] = [];
    for (const [index, { address, bytes }] of functions.entries()) {
      const file = nativeElf(bytes, address, arch);
      if (file === null) return [];
      await writeFile(join(folder, `${index}.o`), file);
      names.push(`/code/${index}.o`);
    }
    const flags = ['-d', '--no-show-raw-insn', '--no-leading-headers', '--no-print-imm-hex'];
    const { output } = await runSandboxed(images, {
      mounts: [{ from: folder, to: '/code' }],
      argv: ['llvm-objdump', ...flags, ...names]
    });
    return readObjdump(output.toString()).sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
