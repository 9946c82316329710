import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { AgentConnection } from '../../core/index.js';
import { eachBtfHeader } from '../../core/object/btf-headers.js';
import { BtfOnDemand } from '../../core/object/btf-on-demand.js';
import { btfParts } from '../../core/object/btf.js';
import type { KernelNames } from '../../core/session/kernel-names.js';
import { LabError } from '../../protocol/index.js';
import { readInstalled } from '../install/installed.js';
import { readTargetFile } from './read-target-file.js';

const BTF_PATH = '/sys/kernel/btf/vmlinux';
const SYMBOLS_PATH = '/proc/kallsyms';
/** BTF_KIND_STRUCT, BTF_KIND_TYPEDEF and BTF_KIND_FUNC (include/uapi/linux/btf.h). */
const NAMED_KINDS: ReadonlySet<number> = new Set([4, 8, 12]);
/** Kernels whose types are kept (5 MB each); the oldest goes. */
const KEPT = 2;
const known = new Map<string, Promise<Uint8Array>>();

/**
 * The names of the target's kernel; null when it has no BTF, or nothing is wanted. The types are read once for each kernel,
 * from the installed one where it is the same. All else is for a name that they lack: its neighbors, and the symbol table,
 * which is slow to read.
 */
export async function targetNames(connection: AgentConnection, wanted: readonly string[]): Promise<KernelNames | null> {
  if (wanted.length === 0 || connection.hello.btf_id === '') {
    return null;
  }
  const section = await kernelBtf(connection);
  const found = definedNames(section, wanted);
  const missing = wanted.filter(name => !found.has(name));
  if (missing.length === 0) {
    return { has: (_, name) => found.has(name), from: () => [] };
  }
  const btf = new BtfOnDemand(section);
  // Modules have types of their own, and functions written in assembler have none.
  const others = await findSymbols(connection, missing);
  return {
    has: (kind, name) => btf.find(kind, name) !== null || others.has(name),
    from: (kind, prefix) => btf.namesFrom(kind, prefix, Infinity)
  };
}

/** The types of the target's kernel; null when it has no BTF. */
export async function targetTypes(connection: AgentConnection): Promise<BtfOnDemand | null> {
  return connection.hello.btf_id === '' ? null : new BtfOnDemand(await kernelBtf(connection));
}

/** Those of the names that a function, typedef or struct has. */
function definedNames(section: Uint8Array, names: readonly string[]): Set<string> {
  const { types, strings } = btfParts(section);
  const text = Buffer.from(strings.buffer, strings.byteOffset, strings.byteLength);
  const places = new Map(names.map(name => [text.indexOf(`\0${name}\0`, 0, 'latin1') + 1, name]));
  const found = new Set<string>();
  eachBtfHeader(new DataView(types.buffer, types.byteOffset, types.byteLength), (kind, nameOffset) => {
    const name = NAMED_KINDS.has(kind) && nameOffset !== 0 ? places.get(nameOffset) : undefined;
    if (name !== undefined) {
      found.add(name);
    }
  });
  return found;
}

function kernelBtf(connection: AgentConnection): Promise<Uint8Array> {
  const id = connection.hello.btf_id;
  const before = known.get(id);
  if (before !== undefined) {
    return before;
  }
  const reading = readBtf(connection);
  known.set(id, reading);
  reading.catch(() => known.delete(id));
  for (const oldest of [...known.keys()].slice(0, -KEPT)) {
    known.delete(oldest);
  }
  return reading;
}

async function readBtf(connection: AgentConnection): Promise<Uint8Array> {
  const installed = await installedBtf(connection.hello.kernel_release);
  const isSame = installed !== null && createHash('sha256').update(installed).digest('hex') === connection.hello.btf_id;
  return isSame ? installed : readTargetFile(connection, { path: BTF_PATH });
}

async function installedBtf(release: string): Promise<Uint8Array | null> {
  try {
    const kernel = readInstalled().kernels.find(one => one.release === release);
    return kernel === undefined ? null : await readFile(kernel.btf);
  } catch (error) {
    if (error instanceof LabError || (error as NodeJS.ErrnoException).code === 'ENOENT') {
      return null;
    }
    throw error;
  }
}

/** Those of the names that the symbol table has: functions by their names, tracepoints by the symbol of each. */
async function findSymbols(connection: AgentConnection, names: readonly string[]): Promise<Set<string>> {
  const text = Buffer.from(await readTargetFile(connection, { path: SYMBOLS_PATH })).toString('latin1');
  const isThere = (name: string): boolean => {
    const symbol = name.replace(/^btf_trace_/, '__tracepoint_').replace(/\./g, '\\.');
    return new RegExp(` \\w ${symbol}(\\t|$)`, 'm').test(text);
  };
  return new Set(names.filter(isThere));
}
