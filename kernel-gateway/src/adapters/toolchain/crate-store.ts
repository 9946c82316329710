/** The crates that Rust lessons are built from, fetched once for each set of manifests. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join, relative } from 'node:path';
import type { CancelSignal } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import { LESSON_FOLDER } from './make-places.js';
import { runSandboxed } from './run-sandboxed.js';
import type { SandboxImages, SandboxMount } from './sandbox.js';

/** Where a build finds them. */
export const CRATES_PATH = '/crates';

/** Sets of crates that are kept; the one that was used longest ago goes. */
const KEPT = 8;
const FETCH_LIMIT_MS = 10 * 60_000;
const MANIFESTS: ReadonlySet<string> = new Set(['Cargo.toml', 'Cargo.lock']);
/** What a lesson's folder may not decide where there is a network: programs that cargo is to call, and what it has built. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.cargo', 'target']);
const CONFIG = `[source.crates-io]
replace-with = "vendored"

[source.vendored]
directory = "${CRATES_PATH}/vendor"

[net]
offline = true
`;
/**
 * Generated code is formatted by it, and it asks /proc where it is, which the sandbox does not have: the code stays as it is. Who
 * calls it reads nothing before all is written.
 */
const RUSTFMT = '#!/bin/sh\ntext=$(cat && echo .) && printf %s "${text%.}"\n';
/** Libraries of Windows are nine tenths of what is fetched. */
const FETCH = `set -e
mkdir ${CRATES_PATH}/home
[ ! -e /config.toml ] || cp /config.toml ${CRATES_PATH}/home/
cargo vendor --quiet --color never --versioned-dirs ${CRATES_PATH}/vendor >/dev/null
rm -rf ${CRATES_PATH}/home ${CRATES_PATH}/vendor/win*/lib`;

/** See the file's head. */
export class CrateStore {
  readonly #images: SandboxImages;
  readonly #cacheDir: string;

  constructor(images: SandboxImages, cacheDir: string) {
    this.#images = images;
    this.#cacheDir = cacheDir;
  }

  /** Whether the lab image has cargo. */
  get hasCargo(): boolean {
    return existsSync(join(this.#images.lab, 'usr/bin/cargo'));
  }

  /**
   * The folder to mount at `CRATES_PATH` for a build of `sources`: its crates, and the settings that make cargo use them. Cargo's
   * only work with a network is to fetch them, as the user's own settings in `~/.cargo` say; nothing of them is run meanwhile.
   *
   * @throws LabError BPFLAB_CRATES_FETCH, BPFLAB_CC_SANDBOX, BPFLAB_CELL_INTERRUPTED
   */
  async provide(sources: string, mounts: SandboxMount[], signal: CancelSignal): Promise<string> {
    const crates = join(this.#cacheDir, 'crates');
    const place = join(crates, await keyOf(sources));
    const isThere = await stat(place).catch(() => null);
    if (isThere === null) await this.#fetch(place, sources, { mounts, signal });
    const now = new Date();
    await utimes(place, now, now);
    await forgetOldest(crates);
    return place;
  }

  async #fetch(
    place: string,
    sources: string,
    { mounts, signal }: { mounts: SandboxMount[]; signal: CancelSignal }
  ): Promise<void> {
    const builds = join(this.#cacheDir, 'builds');
    await mkdir(builds, { recursive: true });
    // Named as other work folders, so that the next start sweeps those of a killed process.
    const work = await mkdtemp(join(builds, `work-${process.pid}-crates-`));
    const [copy, made] = [join(work, 'sources'), join(work, 'made')];
    try {
      await mkdir(join(made, 'vendor'), { recursive: true });
      await cp(sources, copy, { recursive: true, filter: from => !LEFT_OUT.has(basename(from)) });
      const argv = ['bash', '-c', FETCH];
      const settings = ['config.toml', 'config'].map(name => join(cargoHome(), name)).find(path => existsSync(path));
      const result = await runSandboxed(
        this.#images,
        {
          mounts: [
            ...mounts,
            { from: copy, to: LESSON_FOLDER, writable: true },
            { from: made, to: CRATES_PATH, writable: true },
            ...(settings === undefined ? [] : [{ from: settings, to: '/config.toml' }])
          ],
          network: true,
          env: { CARGO_HOME: `${CRATES_PATH}/home` },
          chdir: LESSON_FOLDER,
          argv
        },
        { timeoutMs: FETCH_LIMIT_MS, signal }
      );
      if (signal.aborted) throw new LabError('BPFLAB_CELL_INTERRUPTED', 'The cell was interrupted.');
      if (result.status !== 0) throw notFetched(result.errors);
      await mkdir(join(made, 'bin'));
      await writeFile(join(made, 'bin/rustfmt'), RUSTFMT, { mode: 0o755 });
      await writeFile(join(made, 'config.toml'), CONFIG);
      await mkdir(join(place, '..'), { recursive: true });
      // Another session may have been quicker.
      await rename(made, place).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
}

const cargoHome = (): string => process.env['CARGO_HOME'] ?? join(homedir(), '.cargo');

/** Of all manifests, by their paths. */
async function keyOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter(entry => entry.isFile() && MANIFESTS.has(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !relative(folder, path).split('/').includes('target'));
  const hash = createHash('sha256').update(CONFIG + RUSTFMT + FETCH);
  for (const path of files.sort()) hash.update(`\0${relative(folder, path)}\0`).update(await readFile(path));
  return hash.digest('hex').slice(0, 16);
}

async function forgetOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= KEPT) return;
  const used = await Promise.all(names.map(async name => ({ name, ms: (await stat(join(folder, name))).mtimeMs })));
  const oldest = used.sort((a, b) => b.ms - a.ms).slice(KEPT);
  await Promise.all(oldest.map(({ name }) => rm(join(folder, name), { recursive: true, force: true })));
}

/** cargo says the error first, and its root last. */
function notFetched(errors: string): LabError {
  const causes = errors.split(/^Caused by:$/m).map(text => text.trim().split('\n')[0] ?? '');
  const cause = (causes.at(-1) ?? '').replace(/^error: /, '').replace(/\.$/, '') || 'cargo gives no reason';
  return new LabError('BPFLAB_CRATES_FETCH', `The crates of the program cannot be fetched — ${cause}.`, {
    details: errors
  });
}
