/** A `%%user` cell → an executable for the target: skeletons by bpftool, C by the image's compiler, libbpf linked in. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readableDiagnostics, readClangDiagnostics } from '../../core/cells/clang-diagnostics.js';
import type { Build, CancelSignal, CompileOutcome, CompileRequest, UserBuild } from '../../core/index.js';
import { readCheckedItems } from '../../core/language/checked-items.js';
import { LabError, type CheckedItem } from '../../protocol/index.js';
import { checkLimits } from './compile-limits.js';
import { INSIDE, type CompileSession } from './compile-session.js';

/** What one user program is compiled with. */
export interface UserCompile {
  request: CompileRequest;
  skeletons: readonly Build[];
  signal: CancelSignal;
}

/**
 * A program's output goes into a pipe, where C would keep 4 KiB back. It is to behave as on a terminal: each line is
 * written at once, and a question before the answer is read (glibc does that when both streams are line-buffered). The
 * declarations are those of stdio.h, which the cell may include too.
 */
const TERMINAL_HABITS = `struct _IO_FILE;
extern struct _IO_FILE *stdin, *stdout;
extern int setvbuf(struct _IO_FILE *, char *, int, __SIZE_TYPE__);
__attribute__((constructor)) static void bpflab_line_buffered(void)
{
	setvbuf(stdin, (char *)0, 1, 0);
	setvbuf(stdout, (char *)0, 1, 0);
}
`;

const COMPILE_FLAGS = [
  ...['-g', '-Wall', '-fno-color-diagnostics', '-fdiagnostics-print-source-range-info', '-ferror-limit=50'],
  ...['-I', `${INSIDE.build}/skel`, '-I', INSIDE.session],
  ...['-include', `${INSIDE.build}/terminal.h`]
];
const LINK_FLAGS = ['-Wl,-Bstatic', '-lbpf', '-Wl,-Bdynamic', '-lelf', '-lz', '-lpthread', '-lm', '-ldl', '-lrt'];

/** Writes NAME.skel.h for every build that the text can include; its struct is NAME_bpf, as with an object NAME.bpf.o. */
async function makeSkeletons(session: CompileSession, compile: UserCompile): Promise<void> {
  const script = compile.skeletons
    .map(({ name }) => `bpftool gen skeleton skel/${name}.bpf.o name ${name}_bpf > skel/${name}.skel.h || exit 1`)
    .join('\n');
  if (!script) return;
  const reply = await session.run(INSIDE.build, ['sh', '-c', script], compile.signal);
  checkLimits(reply, 'a skeleton');
  if (reply.status !== 0)
    throw new LabError('BPFLAB_OBJECT_INVALID', 'bpftool cannot make a skeleton of the BPF object.', {
      details: reply.output
    });
}

/**
 * What the compiler says against a user program, without making anything of it; the caller has the session for itself.
 *
 * @throws LabError as `compileUserProgram`
 */
export async function checkUserProgram(session: CompileSession, compile: UserCompile): Promise<CheckedItem[]> {
  const { request, signal } = compile;
  const file = `${request.name}.c`;
  await prepare(session, compile, file);
  const flags = ['-fsyntax-only', '-fdiagnostics-parseable-fixits'];
  const reply = await session.run(`${INSIDE.build}/cell`, ['clang', ...COMPILE_FLAGS, ...flags, file], signal);
  checkLimits(reply, `"${request.name}"`);
  const cellLines = [...Array.from({ length: request.bodyLine - 1 }, () => ''), ...request.body.split('\n')];
  return readCheckedItems(reply.output, { cellFile: file, sessionFolder: INSIDE.session, cellLines });
}

async function prepare(session: CompileSession, compile: UserCompile, file: string): Promise<void> {
  const { request, skeletons } = compile;
  await session.prepare([
    { path: 'terminal.h', text: TERMINAL_HABITS },
    { path: `cell/${file}`, text: `${'\n'.repeat(request.bodyLine - 1)}${request.body}\n` },
    ...skeletons.map(build => ({ path: `skel/${build.name}.bpf.o`, text: build.loadable }))
  ]);
  await makeSkeletons(session, compile);
}

/**
 * Compiles and links in the session's sandbox; the caller has it for itself.
 *
 * @throws LabError BPFLAB_CC_LIMIT, BPFLAB_CC_SANDBOX, BPFLAB_CELL_INTERRUPTED, BPFLAB_DISK_FULL, BPFLAB_OBJECT_INVALID
 */
export async function compileUserProgram(
  session: CompileSession,
  compile: UserCompile
): Promise<CompileOutcome<Omit<UserBuild, 'key' | 'fromCache'>>> {
  const startMs = performance.now();
  const { request, signal } = compile;
  const file = `${request.name}.c`;
  await prepare(session, compile, file);
  const cell = `${INSIDE.build}/cell`;
  const compiled = await session.run(cell, ['clang', ...COMPILE_FLAGS, '-c', file, '-o', '../out.o'], signal);
  checkLimits(compiled, `"${request.name}"`);
  const cellLines = [...Array.from({ length: request.bodyLine - 1 }, () => ''), ...request.body.split('\n')];
  const items = readClangDiagnostics(compiled.output, { cellFile: file, sessionFolder: INSIDE.session, cellLines });
  if (compiled.status !== 0)
    return { kind: 'compile-failed', items, raw: readableDiagnostics(compiled.output, INSIDE.session) };
  const linked = await session.run(INSIDE.build, ['gcc', '-o', 'out', 'out.o', ...LINK_FLAGS], signal);
  checkLimits(linked, `"${request.name}"`);
  if (linked.status !== 0) {
    const message = /undefined reference to [^\n]*/.exec(linked.output)?.[0] ?? 'the linker refused it';
    const item = { severity: 'error', line: 0, column: 0, end_line: 0, end_column: 0, message, file: '' } as const;
    return { kind: 'compile-failed', items: [...items, item], raw: linked.output };
  }
  const executable = new Uint8Array(await readFile(join(await session.workFolder(), 'out')));
  const sha256 = createHash('sha256').update(executable).digest('hex');
  const compileMs = performance.now() - startMs;
  return { kind: 'built', build: { name: request.name, executable, sha256, warnings: items, compileMs } };
}
