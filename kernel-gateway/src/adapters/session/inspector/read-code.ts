import type { AgentConnection } from '../../../core/index.js';
import { programLines, type CodeLine } from '../../../core/disassemble/program-lines.js';
import type { InsnNames } from '../../../core/disassemble/insn-text.js';
import { readBtf, type Btf } from '../../../core/object/btf.js';
import type { InspectCode, Result } from '../../../protocol/index.js';
import type { NativeFunction } from '../../toolchain/disassemble-native.js';
import type { SessionCore } from '../session-core.js';
import { Symbolizer } from '../stacks/symbolizer.js';

/** Bytes of a record of `struct bpf_line_info` and `struct bpf_func_info`. */
const LINE_BYTES = 16;
const FUNCTION_BYTES = 8;

type Sizes = Result<'program_code'>;

const parts = ['xlated', 'jited', 'lines', 'jited_lines', 'functions', 'jited_symbols', 'jited_lengths'] as const;
type Parts = Record<(typeof parts)[number], Uint8Array>;

async function stream(connection: AgentConnection, ask: (stream: number) => Promise<unknown>): Promise<Uint8Array> {
  const number = connection.newStream();
  const chunks: Uint8Array[] = [];
  const ended = new Promise<void>(resolve => {
    connection.onStream(number, { data: payload => chunks.push(payload.slice()), end: resolve });
  });
  await ask(number);
  await ended;
  return new Uint8Array(Buffer.concat(chunks));
}

/** Types of a BTF object of the target; null when it has none, or is not whole by itself (a module's). */
export async function readTargetBtf(connection: AgentConnection, btfId: number): Promise<Btf | null> {
  if (btfId === 0) return null;
  try {
    return readBtf(
      await stream(connection, number => connection.request('btf_bytes', { btf_id: btfId, stream: number }))
    );
  } catch {
    return null;
  }
}

function split(bytes: Uint8Array, sizes: Sizes): Parts {
  let at = 0;
  const entries = parts.map(part => {
    const from = at;
    at += sizes[part];
    return [part, bytes.subarray(from, at)] as const;
  });
  return Object.fromEntries(entries) as Parts;
}

const words = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function addresses(bytes: Uint8Array): bigint[] {
  const view = words(bytes);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, index) => view.getBigUint64(index * 8, true));
}

function codeLines(code: Parts, btf: Btf | null): CodeLine[] {
  const view = words(code.lines);
  const native = addresses(code.jited_lines);
  const text = (offset: number): string => (btf === null ? '' : btf.text(offset));
  return Array.from({ length: Math.floor(code.lines.length / LINE_BYTES) }, (_, index) => {
    const at = index * LINE_BYTES;
    const address = native[index] ?? 0n;
    return {
      insn: view.getUint32(at, true),
      file: text(view.getUint32(at + 4, true)),
      text: text(view.getUint32(at + 8, true)).trim(),
      line: view.getUint32(at + 12, true) >>> 10,
      address: address === 0n ? null : address
    };
  });
}

function functionsOf(code: Parts, btf: Btf | null): { insn: number; name: string }[] {
  const view = words(code.functions);
  return Array.from({ length: Math.floor(code.functions.length / FUNCTION_BYTES) }, (_, index) => ({
    insn: view.getUint32(index * FUNCTION_BYTES, true),
    name: btf?.functions.get(view.getUint32(index * FUNCTION_BYTES + 4, true))?.name ?? ''
  }));
}

function nativeFunctions(code: Parts): NativeFunction[] {
  const lengths = words(code.jited_lengths);
  const starts = addresses(code.jited_symbols);
  let at = 0;
  return starts.flatMap((address, index) => {
    const bytes = code.jited.subarray(
      at,
      at + (index * 4 < code.jited_lengths.length ? lengths.getUint32(index * 4, true) : 0)
    );
    at += bytes.length;
    return bytes.length === 0 ? [] : [{ address, bytes }];
  });
}

/**
 * The instructions of a loaded program, by C line.
 *
 * @throws AgentRequestError when the program is gone; LabError BPFLAB_TARGET_LOST
 */
export async function readCode(core: SessionCore, connection: AgentConnection, program: number): Promise<InspectCode> {
  let sizes: Sizes | null = null;
  const bytes = await stream(connection, async number => {
    sizes = await connection.request('program_code', { prog_id: program, stream: number });
  });
  const known = sizes as unknown as Sizes;
  const code = split(bytes, known);
  const btf = await readTargetBtf(connection, known.btf_id);
  const functions = functionsOf(code, btf);
  const native = await core.options.toolchain.disassemble(nativeFunctions(code), connection.hello.arch);
  const lines = programLines({
    xlated: code.xlated,
    lines: codeLines(code, btf),
    functions,
    native,
    names: await insnNames(connection, addresses(code.jited_symbols))
  });
  return {
    id: program,
    name: functions.find(one => one.insn === 0)?.name ?? known.name,
    lines,
    xlated_count: lines.reduce((sum, line) => sum + line.xlated.length, 0),
    jited_count: native.length,
    notes: notesOf(code, native.length, connection.hello.arch)
  };
}

function notesOf(code: Parts, nativeCount: number, arch: string): string[] {
  const hasAddresses = addresses(code.jited_lines).some(address => address !== 0n);
  return [
    ...(code.xlated.length === 0 ? ['the kernel does not give the instructions of this program'] : []),
    ...(code.lines.length === 0 ? ['the program was loaded without lines (compiled without -g)'] : []),
    ...(code.jited.length === 0
      ? ['the kernel gives no native code: its compiler is off, or the program belongs to the host']
      : []),
    ...(code.jited.length > 0 && nativeCount === 0 ? [`native code of ${arch} cannot be disassembled here`] : []),
    ...(code.jited.length > 0 && code.lines.length > 0 && !hasAddresses
      ? ['the kernel hides where native code is (kernel.kptr_restrict), so it stands with the first line']
      : [])
  ];
}

/** Helpers are called by their distance from a symbol of the kernel's; BPF functions have symbols of their own. */
async function insnNames(connection: AgentConnection, symbols: readonly bigint[]): Promise<InsnNames> {
  const kernel = await Symbolizer.of(connection).kernelTable();
  const base = kernel?.addressOf('__bpf_call_base') ?? null;
  return {
    helper: imm => (base === null ? '' : (kernel?.find(base + BigInt(imm))?.name ?? '')),
    subprogram: insn => {
      const address = symbols[insn.imm];
      return address === undefined || address === 0n ? '' : (kernel?.find(address)?.name ?? '');
    }
  };
}
