/** The text of an `%%insn` cell → instructions. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readableDiagnostics, readClangDiagnostics } from '../../core/cells/clang-diagnostics.js';
import { assemblerSource, helperNumbers, INSN_SECTION, insnForm, macroSource } from '../../core/cells/insn-source.js';
import type { AssembledBuild, CancelSignal, CompileOutcome, CompileRequest } from '../../core/index.js';
import { readElf } from '../../core/object/elf.js';
import { LabError } from '../../protocol/index.js';
import { checkLimits } from './compile-limits.js';
import { INSIDE, type CompileSession } from './compile-session.js';

/** linux/bpf.h includes asm/types.h, which the target bpf has none of its own of. */
const ARCHITECTURE_HEADERS = ['x86_64', 'aarch64'].flatMap(name => ['-idirafter', `/usr/include/${name}-linux-gnu`]);
const DEFINITIONS = 'usr/include/bpf/bpf_helper_defs.h';

/**
 * Assembles in the session's sandbox; the caller has it for itself.
 *
 * @throws LabError BPFLAB_CC_LIMIT, BPFLAB_CC_SANDBOX, BPFLAB_CELL_INTERRUPTED, BPFLAB_OBJECT_INVALID
 */
export async function assemble(
  session: CompileSession,
  lab: string,
  { request, signal }: { request: CompileRequest; signal: CancelSignal }
): Promise<CompileOutcome<AssembledBuild>> {
  const helpers = helperNumbers(await readFile(join(lab, DEFINITIONS), 'utf8'));
  const blank = request.bodyLine - 1;
  const isMacros = insnForm(request.body) === 'macros';
  const file = `${request.name}.${isMacros ? 'c' : 's'}`;
  const { header, source } = isMacros
    ? macroSource(request.body, blank)
    : { header: '', source: assemblerSource(request.body, blank, helpers) };
  await session.prepare([
    { path: 'insn.h', text: header },
    { path: `cell/${file}`, text: source }
  ]);
  const flags = isMacros
    ? ['-include', `${INSIDE.build}/insn.h`, '-I', INSIDE.session, ...ARCHITECTURE_HEADERS]
    : ['-mcpu=v4'];
  const language = isMacros ? [] : ['-x', 'assembler'];
  const common = ['-target', 'bpf', '-O2', '-fno-color-diagnostics', '-fdiagnostics-print-source-range-info'];
  const argv = ['clang', ...common, ...flags, ...language, '-c', file, '-o', '../out.o'];
  const reply = await session.run(`${INSIDE.build}/cell`, argv, signal);
  checkLimits(reply, `"${request.name}"`);
  const cellLines = [...Array.from({ length: blank }, () => ''), ...request.body.split('\n')];
  const items = readClangDiagnostics(reply.output, { cellFile: file, sessionFolder: INSIDE.session, cellLines });
  if (reply.status !== 0) {
    return { kind: 'compile-failed', items, raw: readableDiagnostics(reply.output, INSIDE.session) };
  }
  const elf = readElf(new Uint8Array(await readFile(join(await session.workFolder(), 'out.o'))));
  const bytes = elf.sections.find(section => section.name === INSN_SECTION)?.data.slice();
  if (bytes === undefined || bytes.length === 0) {
    throw new LabError('BPFLAB_OBJECT_NO_PROGRAM', `"${request.name}" has no instruction.`);
  }
  const names = new Map([...helpers].map(([name, number]) => [number, name]));
  return { kind: 'built', build: { bytes, helperName: number => names.get(number) ?? String(number) } };
}
