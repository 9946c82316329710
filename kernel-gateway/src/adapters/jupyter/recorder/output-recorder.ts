/** Records of all notebooks of a server, kept over its end in a journal beside the user's settings. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeStateFile } from '../state/atomic-file.js';
import { KernelRecorder } from './kernel-recorder.js';
import { NotebookRecord, type SavedRecord } from './notebook-record.js';

/** The journal is at most this much behind. */
const JOURNAL_DELAY_MS = 500;
/** What is said of runs that a server of before had. */
const OLD_SERVER = 'The server was restarted.';

interface Kept {
  path: string;
  record: NotebookRecord;
  timer: NodeJS.Timeout | null;
  /** The last write of the journal; the next one waits for it. */
  writing: Promise<void>;
}

/** Gives each notebook its record. `close` writes what is still to be written. */
export class OutputRecorder {
  readonly #folder: string;
  readonly #kept = new Map<string, Kept>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Record of the notebook at `path`, relative to the notebook folder. */
  of(path: string): NotebookRecord {
    let kept = this.#kept.get(path);
    if (!kept) {
      kept = this.#open(path);
      this.#kept.set(path, kept);
    }
    return kept.record;
  }

  /** A recorder for one life of a kernel; `paths` are the notebooks that use it. */
  forKernel(paths: () => string[]): KernelRecorder {
    return new KernelRecorder(() => paths().map(path => this.of(path)));
  }

  /** A notebook, or all below a folder, has another path now. */
  async move(from: string, to: string): Promise<void> {
    for (const kept of this.#below(from)) {
      const path = to + kept.path.slice(from.length);
      this.#kept.delete(kept.path);
      await this.#forget(kept);
      kept.path = path;
      this.#kept.set(path, kept);
      this.#write(kept);
      await kept.writing;
    }
  }

  /** A notebook, or all below a folder, was deleted. */
  async remove(path: string): Promise<void> {
    this.of(path);
    for (const kept of this.#below(path)) {
      this.#kept.delete(kept.path);
      await this.#forget(kept);
    }
  }

  /** Writes what is still to be written. */
  async close(): Promise<void> {
    for (const kept of this.#kept.values()) {
      if (kept.timer) this.#write(kept);
      await kept.writing;
    }
  }

  #below(path: string): Kept[] {
    return [...this.#kept.values()].filter(kept => kept.path === path || kept.path.startsWith(`${path}/`));
  }

  #open(path: string): Kept {
    const saved = this.#read(path);
    const kept: Kept = {
      path,
      record: new NotebookRecord(saved, () => this.#schedule(kept)),
      timer: null,
      writing: Promise.resolve()
    };
    // Whatever ran when it was written belonged to a server that is gone.
    kept.record.abandonAll(OLD_SERVER);
    return kept;
  }

  #read(path: string): SavedRecord | null {
    try {
      const saved = JSON.parse(readFileSync(this.#file(path), 'utf8')) as SavedRecord;
      return saved.version === 1 && saved.path === path ? saved : null;
    } catch {
      // None yet, or torn by something that is not us: the notebook's own outputs hold.
      return null;
    }
  }

  #schedule(kept: Kept): void {
    kept.timer ??= setTimeout(() => this.#write(kept), JOURNAL_DELAY_MS);
  }

  #write(kept: Kept): void {
    if (kept.timer) clearTimeout(kept.timer);
    kept.timer = null;
    const text = JSON.stringify(kept.record.toJSON(kept.path));
    const file = this.#file(kept.path);
    // A full disk must not end the cell: what is in memory still holds, and the next change tries again.
    kept.writing = kept.writing.then(() => writeStateFile(file, text)).catch(() => undefined);
  }

  async #forget(kept: Kept): Promise<void> {
    if (kept.timer) clearTimeout(kept.timer);
    kept.timer = null;
    await kept.writing;
    await rm(this.#file(kept.path), { force: true });
  }

  #file(path: string): string {
    return join(this.#folder, `${createHash('sha256').update(path).digest('hex').slice(0, 32)}.json`);
  }
}
