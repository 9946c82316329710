/**
 * vmlinux.h of the kernels that programs are compiled for, made once from a kernel's BTF, and precompiled headers, made
 * once per header and flags. All under `headers/<id>/` of the cache; the id is the hash of BTF and bpftool's image.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { release as hostRelease } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { indexHeader, type HeaderIndex } from '../../core/headers/header-index.js';
import { LabError } from '../../protocol/index.js';
import type { Installed } from '../install/installed.js';
import { markUsed, pruneHeaders } from './prune-headers.js';
import { runSandboxed } from './run-sandboxed.js';

/** What the toolchain needs of the installation. */
export type ToolchainImages = Pick<Installed, 'tools' | 'lab' | 'kernels' | 'default_kernel'>;

/** A vmlinux.h in the cache. */
export interface KernelHeader {
  id: string;
  /** Folder with vmlinux.h and the precompiled headers. */
  folder: string;
  /** One line for `%target`: which kernel's. */
  source: string;
  /** File with the BTF that it was made from, and that kernel's release. */
  btf: string;
  release: string;
}

/** Changes when precompiled headers are written in another way. */
const PRECOMPILED_VERSION = 2;
const HOST_BTF = '/sys/kernel/btf/vmlinux';

/** See the file's head. */
export class HeaderStore {
  readonly #images: ToolchainImages;
  readonly #cacheDir: string;
  readonly #headers = new Map<string, Promise<KernelHeader>>();
  readonly #precompiling = new Map<string, Promise<void>>();
  #index: { id: string; index: HeaderIndex | null } | null = null;

  constructor(images: ToolchainImages, cacheDir: string) {
    this.#images = images;
    this.#cacheDir = cacheDir;
  }

  /**
   * The header for a kernel: an installed one by its release, the host's own, else the default kernel's.
   *
   * @throws LabError BPFLAB_CC_SANDBOX when it cannot be made
   */
  forKernel(release: string | undefined): Promise<KernelHeader> {
    const place = this.#btfOf(release);
    const { btf } = place;
    const known = this.#headers.get(btf);
    // Another gateway may have removed it meanwhile, when this one had not used it for long.
    const made = known
      ? known.then(header => (hasHeader(header.folder) ? header : this.#make(place)))
      : this.#make(place);
    this.#headers.set(btf, made);
    made.catch(() => this.#headers.delete(btf));
    return made;
  }

  #btfOf(release: string | undefined): Pick<KernelHeader, 'btf' | 'source' | 'release'> {
    const { kernels, default_kernel: fallback } = this.#images;
    const named = kernels.find(kernel => kernel.release === release);
    if (!named && release === hostRelease() && existsSync(HOST_BTF))
      return { btf: HOST_BTF, source: `host ${release}`, release };
    const kernel = named ?? kernels.find(one => one.release === fallback) ?? kernels[0];
    if (kernel) return { btf: kernel.btf, source: `kernel ${kernel.release}`, release: kernel.release };
    if (existsSync(HOST_BTF)) return { btf: HOST_BTF, source: `host ${hostRelease()}`, release: hostRelease() };
    throw new LabError('BPFLAB_IMAGE_MISSING', 'No kernel is installed that a vmlinux.h could be made from.');
  }

  async #make(place: Pick<KernelHeader, 'btf' | 'source' | 'release'>): Promise<KernelHeader> {
    const { btf, source } = place;
    const hash = createHash('sha256').update(this.#images.lab.id);
    const id = hash
      .update(await readFile(btf))
      .digest('hex')
      .slice(0, 16);
    const folder = join(this.#cacheDir, 'headers', id);
    const header = { id, folder, ...place };
    if (hasHeader(folder)) return header;
    await mkdir(folder, { recursive: true });
    const result = await runSandboxed(this.#roots(), {
      mounts: [{ from: btf, to: '/btf' }],
      argv: ['bpftool', 'btf', 'dump', 'file', '/btf', 'format', 'c']
    });
    if (result.status !== 0 || result.output.length === 0)
      throw new LabError('BPFLAB_CC_SANDBOX', `vmlinux.h cannot be made from the BTF of ${source}.`, {
        details: result.errors
      });
    await writeAtomically(join(folder, 'vmlinux.h'), result.output);
    await pruneHeaders(dirname(folder));
    return header;
  }

  #roots(): { tools: string; lab: string } {
    return { tools: this.#images.tools.root, lab: this.#images.lab.root };
  }

  /** Index of the header for cutting; the newest is kept in memory (about 12 MB). */
  index(header: KernelHeader): HeaderIndex | null {
    if (this.#index?.id !== header.id) {
      const text = readFileSync(join(header.folder, 'vmlinux.h'), 'latin1');
      this.#index = { id: header.id, index: indexHeader(text) };
    }
    return this.#index.index;
  }

  /** Resolves when nothing is being made in the cache any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#precompiling.values());
  }

  /** Gives the memory of the index back; it is made again when a compile needs it. */
  forget(): void {
    this.#index = null;
  }

  /**
   * Name, within the header's folder, of the precompiled vmlinux.h + bpf_helpers.h for these compiler arguments. Null when
   * there is none yet: then it is being made (0.8 s), for the compiles to come.
   *
   * @param header - to be precompiled
   * @param cc1 - the arguments of a compile without input and output
   */
  precompiled(header: KernelHeader, cc1: readonly string[]): string | null {
    const words = cc1.filter(word => word !== '-emit-obj');
    const key = createHash('sha256')
      .update([String(PRECOMPILED_VERSION), ...words].join('\0'))
      .digest('hex');
    const name = `helpers-${key.slice(0, 16)}.pch`;
    void markUsed(header.folder);
    if (existsSync(join(header.folder, name))) return name;
    if (!this.#precompiling.has(name)) {
      // Without it compiles of wrong programs are slower, and nothing else.
      const made = this.#precompile(header, words, name)
        .then(isMade => void (isMade && this.#precompiling.delete(name)))
        .catch(() => undefined);
      this.#precompiling.set(name, made);
    }
    return null;
  }

  async #precompile(header: KernelHeader, cc1: readonly string[], name: string): Promise<boolean> {
    const text = '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n';
    await writeAtomically(join(header.folder, 'helpers.h'), text);
    const inside = `/headers/${basename(header.folder)}`;
    const fresh = `${name}.${process.pid}.new`;
    const result = await runSandboxed(this.#roots(), {
      // The precompiled header remembers the paths that it was made from: they are those of a later compile.
      mounts: [{ from: dirname(header.folder), to: '/headers', writable: true }],
      argv: ['clang', '-cc1', ...cc1, '-emit-pch', '-o', `${inside}/${fresh}`, '-x', 'c-header', `${inside}/helpers.h`]
    });
    if (result.status !== 0) {
      await rm(join(header.folder, fresh), { force: true });
      return false;
    }
    await rename(join(header.folder, fresh), join(header.folder, name));
    await pruneHeaders(dirname(header.folder));
    return true;
  }
}

const hasHeader = (folder: string): boolean => existsSync(join(folder, 'vmlinux.h'));

/** Writes a file so that a reader sees all of it or none; an equal file is left as it is. */
async function writeAtomically(path: string, content: string | Buffer): Promise<void> {
  const size = Buffer.byteLength(content);
  const same = await stat(path).then(
    found => found.size === size,
    () => false
  );
  if (same) return;
  const fresh = `${path}.${process.pid}.new`;
  await writeFile(fresh, content);
  await rename(fresh, path);
}
