import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { AgentConnection } from '../../core/index.js';
import { BtfOnDemand } from '../../core/object/btf-on-demand.js';
import type { KernelNames } from '../../core/session/kernel-names.js';
import { LabError } from '../../protocol/index.js';
import { readInstalled } from '../install/installed.js';
import { readTargetFile } from './read-target-file.js';

const BTF_PATH = '/sys/kernel/btf/vmlinux';
const SYMBOLS_PATH = '/proc/kallsyms';
/** Kernels whose names are kept (some 20 MB each); the oldest goes. */
const KEPT = 2;
const known = new Map<string, Promise<BtfOnDemand>>();

/**
 * The names of the target's kernel; null when it has no BTF, or nothing is wanted. The types are read once for each kernel,
 * from the installed one where it is the same; the symbol table, which is slow to read, only when they lack a wanted name.
 */
export async function targetNames(connection: AgentConnection, wanted: readonly string[]): Promise<KernelNames | null> {
  if (wanted.length === 0 || connection.hello.btf_id === '') {
    return null;
  }
  const btf = await kernelBtf(connection);
  const isKnown = (name: string): boolean => btf.find('function', name) !== null || btf.find('typedef', name) !== null;
  const missing = wanted.filter(name => !isKnown(name));
  // Modules have types of their own, and functions written in assembler have none.
  const others = missing.length === 0 ? new Set<string>() : await findSymbols(connection, missing);
  return {
    has: (kind, name) => btf.find(kind, name) !== null || others.has(name),
    from: (kind, prefix) => btf.namesFrom(kind, prefix, Infinity)
  };
}

function kernelBtf(connection: AgentConnection): Promise<BtfOnDemand> {
  const id = connection.hello.btf_id;
  const before = known.get(id);
  if (before !== undefined) {
    return before;
  }
  const reading = readBtf(connection).then(bytes => new BtfOnDemand(bytes));
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
