import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addIdentifiers, includedNames } from '../../core/headers/c-identifiers.js';
import { indexHeader, type HeaderIndex } from '../../core/headers/header-index.js';
import { sliceHeader } from '../../core/headers/slice-header.js';
import type { IncludedFiles } from './included-files.js';

const INCLUDE_FOLDERS = ['usr/include', 'usr/include/x86_64-linux-gnu'];
const HELPER_DEFINITIONS = 'bpf/bpf_helper_defs.h';
const ALWAYS = ['bpf/bpf_helpers.h', 'bpf/bpf_tracing.h', 'bpf/bpf_core_read.h'];

/**
 * Cuts vmlinux.h for one cell (see core/headers/slice-header.ts): knows which names the system's headers in the lab image
 * bring in.
 */
export class KernelTypes {
  readonly #lab: string;
  readonly #mentions = new Map<string, ReadonlySet<string>>();
  #helpers: Map<string, ReadonlySet<string>> | null = null;
  #own: { text: string; index: HeaderIndex | null } | null = null;

  /** `lab` is the root folder of the lab image. */
  constructor(lab: string) {
    this.#lab = lab;
  }

  /**
   * The part of vmlinux.h that a cell needs; null when it must have the whole.
   *
   * @param body - text of the cell
   * @param included - what it includes; a vmlinux.h of the session is cut instead of the kernel's
   * @param kernelIndex - gives the index of the kernel's header
   */
  cut(body: string, included: IncludedFiles, kernelIndex: () => HeaderIndex | null): string | null {
    if (!included.known) return null;
    const own = included.session.find(file => file.path === 'vmlinux.h');
    const index = own ? this.#indexOwn(own.text) : kernelIndex();
    if (!index) return null;
    const mentioned = new Set<string>();
    addIdentifiers(body, mentioned);
    for (const file of included.session) if (file !== own) addIdentifiers(file.text, mentioned);
    for (const name of [...ALWAYS, ...included.system])
      if (name !== 'vmlinux.h') for (const word of this.#wordsOf(name)) mentioned.add(word);
    this.#addHelpers(mentioned);
    return sliceHeader(index, mentioned);
  }

  #indexOwn(text: string): HeaderIndex | null {
    if (this.#own?.text !== text) this.#own = { text, index: indexHeader(text) };
    return this.#own.index;
  }

  #read(name: string): string {
    for (const folder of INCLUDE_FOLDERS) {
      try {
        return readFileSync(join(this.#lab, folder, name), 'latin1');
      } catch {
        continue;
      }
    }
    return '';
  }

  /** Identifiers of a system header and of those that it includes; the helpers' prototypes are left out. */
  #wordsOf(name: string): ReadonlySet<string> {
    const known = this.#mentions.get(name);
    if (known) return known;
    const words = new Set<string>();
    this.#mentions.set(name, words);
    if (name === HELPER_DEFINITIONS) return words;
    const text = this.#read(name);
    addIdentifiers(text, words);
    for (const inner of includedNames(text) ?? []) {
      const beside =
        inner.quoted && name.includes('/') ? `${name.slice(0, name.lastIndexOf('/') + 1)}${inner.name}` : '';
      for (const path of new Set([beside, inner.name]))
        if (path) for (const word of this.#wordsOf(path)) words.add(word);
    }
    return words;
  }

  /** Types in the prototypes of the helpers that are mentioned, and the scalar types of all of them. */
  #addHelpers(mentioned: Set<string>): void {
    this.#helpers ??= this.#readHelpers();
    for (const [helper, words] of this.#helpers)
      if (helper === '' || mentioned.has(helper)) for (const word of words) mentioned.add(word);
  }

  #readHelpers(): Map<string, ReadonlySet<string>> {
    const helpers = new Map<string, ReadonlySet<string>>();
    const scalars = new Set<string>();
    for (const line of this.#read(HELPER_DEFINITIONS).split('\n')) {
      const name = /^static .*\(\s*\*\s*(?:const\s+)?(bpf_\w+)\)/.exec(line)?.[1];
      if (!name) continue;
      const words = new Set<string>();
      addIdentifiers(line, words);
      for (const word of words) if (/^(__\w+|u\d+|s\d+)$/.test(word) && word !== '__sk_buff') scalars.add(word);
      helpers.set(name, words);
    }
    helpers.set('', scalars);
    return helpers;
  }
}
