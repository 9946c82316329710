import type { AgentConnection } from '../../../core/index.js';
import type { AddressTable } from '../../../core/symbols/address-table.js';
import { readKernelSymbols } from '../../../core/symbols/kernel-symbols.js';
import { mappingOf, readProcessMaps, type ProcessMapping } from '../../../core/symbols/process-maps.js';
import type { StackFrame } from '../../../protocol/index.js';
import { readTargetFile } from '../read-target-file.js';
import { ElfFiles } from './elf-files.js';

/** Kernel addresses are in the upper half (x86-64, arm64). */
const KERNEL_START = 1n << 63n;
/** Longest /proc/PID/maps that is read. */
const MAX_MAPS_BYTES = 8 * 1024 * 1024;
/** The farthest behind a symbol that an address of the kernel is still in that function. */
const MAX_FUNCTION_BYTES = 1n << 24n;
/** A process that maps something new is read again, but not for each frame. */
const REREAD_MS = 2000;

/** Stands for all addresses without a name, so that stacks with them are one. */
const UNKNOWN = '[unknown]';

/** Symbols of booted kernels that are kept (some 30 MB each). */
const KERNELS_KEPT = 4;
const kernelsByBoot = new Map<string, Promise<AddressTable | null>>();
const symbolizers = new WeakMap<AgentConnection, Symbolizer>();

interface ProcessMaps {
  mappings: ProcessMapping[];
  readAtMs: number;
}

/** Names of addresses in one target: kernel by /proc/kallsyms, processes by their mappings and the files behind them. */
export class Symbolizer {
  readonly #connection: AgentConnection;
  readonly #files: ElfFiles;
  readonly #processes = new Map<number, Promise<ProcessMaps | null>>();
  readonly #names = new Map<string, Promise<StackFrame>>();
  #kernel: Promise<AddressTable | null> | null = null;
  #kernelReadAtMs = -Infinity;
  #isKernelStale = false;

  /** The one of a target; it lives as long as its connection. */
  static of(connection: AgentConnection): Symbolizer {
    const known = symbolizers.get(connection) ?? new Symbolizer(connection);
    symbolizers.set(connection, known);
    return known;
  }

  private constructor(connection: AgentConnection) {
    this.#connection = connection;
    this.#files = new ElfFiles(connection);
  }

  /** Functions of the kernel; null when it hides their addresses. Read once, and anew after `refreshKernel`. */
  kernelTable(): Promise<AddressTable | null> {
    if (this.#kernel === null) {
      const boot = this.#connection.hello.boot_id;
      this.#kernelReadAtMs = performance.now();
      // Machines that are restored from one template have the same kernel at the same addresses.
      this.#kernel = (this.#isKernelStale ? null : kernelsByBoot.get(boot)) ?? this.#readKernel();
      const reading = this.#kernel;
      kernelsByBoot.delete(boot);
      kernelsByBoot.set(boot, reading);
      for (const oldest of [...kernelsByBoot.keys()].slice(0, -KERNELS_KEPT)) kernelsByBoot.delete(oldest);
      reading.catch(() => {
        this.#kernel = null;
        kernelsByBoot.delete(boot);
      });
    }
    return this.#kernel;
  }

  /** True when the mappings of a process could be read, now or before. */
  async hasProcess(pid: number): Promise<boolean> {
    return (await this.#maps(pid)) !== null;
  }

  /** Forgets that a process could not be read: another one may have its number by now. */
  forgetEnded(): void {
    for (const [pid, reading] of this.#processes) {
      void reading.then(maps => {
        if (maps === null && this.#processes.get(pid) === reading) this.#processes.delete(pid);
      });
    }
  }

  /** The frame of an address; one without a name has that of its file in brackets, or `[unknown]`. `pid`: 0 when it is not known. */
  frame(address: bigint, pid: number): Promise<StackFrame> {
    const key = address >= KERNEL_START ? `k${address}` : `${pid} ${address}`;
    let naming = this.#names.get(key);
    if (naming === undefined) {
      naming = address >= KERNEL_START ? this.#kernelFrame(address) : this.#userFrame(address, pid);
      this.#names.set(key, naming);
      void naming.then(frame => {
        // It may get a name later: when a module is loaded, or the process has mapped what it is in.
        if (!frame.is_known) this.#names.delete(key);
      });
    }
    return naming;
  }

  async #kernelFrame(address: bigint): Promise<StackFrame> {
    const found = (await this.kernelTable())?.find(address) ?? null;
    if (found !== null && found.offset < MAX_FUNCTION_BYTES) {
      return { name: found.name, kind: 'kernel', origin: found.origin, is_known: true };
    }
    return { name: UNKNOWN, kind: 'kernel', origin: '', is_known: false };
  }

  async #userFrame(address: bigint, pid: number): Promise<StackFrame> {
    const mapping = await this.#mapping(pid, address);
    if (mapping === undefined) return { name: UNKNOWN, kind: 'user', origin: '', is_known: false };
    const origin = mapping.path.split('/').at(-1) ?? '';
    if (!mapping.path.startsWith('/')) {
      const name = mapping.path === '' ? UNKNOWN : mapping.path;
      return { name, kind: 'user', origin, is_known: mapping.path === '[vdso]' };
    }
    const offset = address - mapping.start + mapping.fileOffset;
    // The process may see another tree than the agent does.
    const file = { id: mapping.file, path: `/proc/${pid}/root${mapping.path}` };
    const found = await this.#files.find(file, offset);
    if (found === null) return { name: `[${origin}]`, kind: 'user', origin, is_known: false };
    return { name: found.name, kind: 'user', origin, is_known: true };
  }

  async #mapping(pid: number, address: bigint): Promise<ProcessMapping | undefined> {
    const maps = await this.#maps(pid);
    const found = mappingOf(maps?.mappings ?? [], address);
    if (found !== undefined || maps === null || performance.now() - maps.readAtMs < REREAD_MS) return found;
    const reading = this.#readMaps(pid);
    const newer = await reading;
    // What an ended process had mapped stays known.
    if (newer !== null) this.#processes.set(pid, reading);
    return mappingOf(newer?.mappings ?? [], address);
  }

  #maps(pid: number): Promise<ProcessMaps | null> {
    if (pid === 0) return Promise.resolve(null);
    let reading = this.#processes.get(pid);
    if (reading === undefined) {
      reading = this.#readMaps(pid);
      this.#processes.set(pid, reading);
    }
    return reading;
  }

  async #readMaps(pid: number): Promise<ProcessMaps | null> {
    try {
      const bytes = await readTargetFile(this.#connection, { path: `/proc/${pid}/maps`, maxBytes: MAX_MAPS_BYTES });
      const mappings = readProcessMaps(Buffer.from(bytes).toString());
      return mappings.length === 0 ? null : { mappings, readAtMs: performance.now() };
    } catch {
      return null;
    }
  }

  async #readKernel(): Promise<AddressTable | null> {
    const stream = this.#connection.newStream();
    const parts: Uint8Array[] = [];
    const ended = new Promise<void>(resolve => {
      this.#connection.onStream(stream, { data: payload => parts.push(payload.slice()), end: resolve });
    });
    await this.#connection.request('probe', { what: ['kallsyms'], stream });
    await ended;
    return readKernelSymbols(Buffer.concat(parts).toString('latin1'));
  }

  /** Reads the kernel's symbols anew when they are older than that: modules and BPF programs come and go. */
  refreshKernel(maxAgeMs: number): void {
    if (performance.now() - this.#kernelReadAtMs <= maxAgeMs) return;
    this.#isKernelStale = true;
    this.#kernel = null;
  }
}
