/** Runs a lesson's own Makefile, or cargo, on a copy of its folder, in a sandbox of its own. */
import { createHash } from 'node:crypto';
import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import type { Build, CancelSignal, MakeBuild, MakeOutcome, MakeRequest } from '../../core/index.js';
import { LabError } from '../../protocol/index.js';
import { CRATES_PATH, CrateStore } from './crate-store.js';
import type { HeaderStore } from './header-store.js';
import { bundledHeader, CARGO_PATH, LESSON_FOLDER, lessonMounts, writeStandIns } from './make-places.js';
import { runSandboxed } from './run-sandboxed.js';
import type { SandboxImages } from './sandbox.js';

const MAX_SOURCE_BYTES = 64 * 1024 * 1024;
const MAX_RESULT_BYTES = 64 * 1024 * 1024;
const MAX_OUTPUT_CHARS = 1024 * 1024;
const MAKE_LIMIT_MS = 5 * 60_000;
/** Where the Makefiles of libbpf-bootstrap's kin keep what is not for users. */
const OUTPUT_FOLDER = '.output';
/** What cargo makes: programs one folder below a profile's name are for users, the rest is its own. */
const CARGO_TARGET = 'target';
const CARGO_PROGRAM = /(^|\/)target\/\w+\/[\w-]+$/;
/** CPU seconds and KiB of memory of each process, KiB of each file. */
const LIMITS = 'ulimit -t 120 -v 4194304 -f 262144';

/** For Go, which would ask /proc where it is: the sandbox has none, and no network. */
const GO = 'export GOROOT=/usr/lib/go GOTOOLCHAIN=local GOPROXY=off GOTELEMETRY=off CGO_ENABLED=0';

/** Lessons build what needs blazesym only where there is a cargo; the real one has no network to fetch it. */
const STAND_IN = `CARGO=; [ ! -e ${CARGO_PATH} ] || CARGO=${CARGO_PATH}; [ -z "$CARGO" -a ! -e /usr/bin/cargo ] || export CARGO`;
/** Crates are there, and a lock that others have is not needed in a folder of our own. */
const RUST = `export CARGO_HOME=/tmp/cargo PATH=${CRATES_PATH}/bin:$PATH; mkdir -p $CARGO_HOME; cp ${CRATES_PATH}/config.toml $CARGO_HOME/`;

/** What builds the folder; a Makefile calls cargo by itself. */
function commandOf(sources: ReadonlySet<string>, goals: readonly string[]): string {
  if (sources.has('Cargo.toml') && !sources.has('Makefile')) return 'exec cargo build --color never "$@" 2>&1';
  // Of several goals, a Makefile may not say that one needs what is made for another.
  return `exec make -j${goals.length > 1 ? 1 : 2} "$@" 2>&1`;
}

/** See the file's head. Whoever makes it closes it, before which its work folders stay for the next run of make. */
export class LessonMaker {
  readonly #images: SandboxImages;
  readonly #cacheDir: string;
  readonly #headers: HeaderStore;
  readonly #crates: CrateStore;
  #standIns: Promise<string> | null = null;
  /** Work folders by session and source: make then builds only what changed. */
  readonly #work = new Map<string, Promise<string>>();

  constructor(images: SandboxImages, cacheDir: string, headers: HeaderStore) {
    this.#images = images;
    this.#cacheDir = cacheDir;
    this.#headers = headers;
    this.#crates = new CrateStore(images, cacheDir);
  }

  /**
   * Builds, or says why not; the files of an earlier run for the same session are taken up.
   *
   * @throws LabError BPFLAB_CC_SANDBOX, BPFLAB_CC_LIMIT, BPFLAB_CELL_INTERRUPTED, BPFLAB_FILE_PATH, BPFLAB_CRATES_FETCH
   */
  async make(request: MakeRequest, signal: CancelSignal): Promise<MakeOutcome> {
    const startMs = performance.now();
    const work = await this.#workFolder(request);
    const before = await copySources(request, work);
    this.#standIns ??= this.#makeStandIns();
    const header = (await bundledHeader(request.folder)) ?? (await this.#headers.forKernel(undefined)).folder;
    const mounts = await lessonMounts(await this.#standIns, header);
    const isRust = before.has('Cargo.toml');
    const rust = isRust && this.#crates.hasCargo ? await this.#crates.provide(work, mounts, signal) : null;
    const script = `${LIMITS}; ${rust === null ? STAND_IN : RUST}; ${GO}; ${commandOf(before, request.goals)}`;
    const result = await runSandboxed(
      this.#images,
      {
        mounts: [
          ...mounts,
          { from: work, to: LESSON_FOLDER, writable: true },
          ...(rust === null ? [] : [{ from: rust, to: CRATES_PATH }])
        ],
        chdir: LESSON_FOLDER,
        argv: ['bash', '-c', script, 'make', ...request.goals]
      },
      { timeoutMs: MAKE_LIMIT_MS, signal }
    );
    if (signal.aborted) throw new LabError('BPFLAB_CELL_INTERRUPTED', 'The cell was interrupted.');
    const output = readable(result.output.toString('utf8')).slice(-MAX_OUTPUT_CHARS);
    if (result.status === null) {
      throw new LabError('BPFLAB_CC_LIMIT', 'make was stopped after 5 minutes.', { details: output.slice(-4000) });
    }
    if (result.status !== 0) return { kind: 'make-failed', output };
    const results = await readResults(work, before);
    return { kind: 'built', build: { ...results, output, makeMs: performance.now() - startMs } };
  }

  /** Removes what was made for a session, or for all. */
  async close(sessionFolder?: string): Promise<void> {
    const keys = [...this.#work.keys()].filter(key => !sessionFolder || key.startsWith(`${sessionFolder}\0`));
    const folders = keys.map(key => this.#work.get(key));
    for (const key of keys) this.#work.delete(key);
    if (!sessionFolder) {
      folders.push(this.#standIns ?? undefined);
      this.#standIns = null;
    }
    for (const folder of folders) {
      const path = await folder?.catch(() => null);
      if (path) await rm(path, { recursive: true, force: true });
    }
  }

  #workFolder(request: MakeRequest): Promise<string> {
    const key = `${request.sessionFolder}\0${request.folder}`;
    const known = this.#work.get(key);
    if (known) return known;
    const made = this.#makeFolder('make');
    this.#work.set(key, made);
    made.catch(() => this.#work.delete(key));
    return made;
  }

  /** Named as the work folders of compile sessions, so that the next start sweeps those of a killed process. */
  async #makeFolder(name: string): Promise<string> {
    const builds = join(this.#cacheDir, 'builds');
    await mkdir(builds, { recursive: true });
    return mkdtemp(join(builds, `work-${process.pid}-${name}-`));
  }

  async #makeStandIns(): Promise<string> {
    const folder = await this.#makeFolder('places');
    const layer = join(this.#cacheDir, 'layers/blazesym');
    const isInstalled = (await stat(layer).catch(() => null))?.isDirectory() === true;
    await writeStandIns(folder, isInstalled ? layer : null);
    return folder;
  }
}

/** Copies what is not there yet or was changed, times included; resolves with the paths of the sources. */
async function copySources(request: MakeRequest, work: string): Promise<Set<string>> {
  let bytes = 0;
  const sources = new Set<string>();
  const isRust = (await stat(join(request.folder, 'Cargo.toml')).catch(() => null)) !== null;
  for (const root of [request.folder, ...(request.overlay === null ? [] : [request.overlay])]) {
    await cp(root, work, {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      filter: async from => {
        const path = relative(root, from);
        if (path.split(sep).some(part => part === OUTPUT_FOLDER || part === '.git' || part === '.bpflab')) return false;
        if (isRust && path.split(sep).includes(CARGO_TARGET)) return false;
        const status = await lstat(from);
        if (status.isDirectory() || status.isSymbolicLink()) return true;
        if (!status.isFile()) return false;
        bytes += status.size;
        if (bytes > MAX_SOURCE_BYTES) throw tooLarge(request.folder);
        sources.add(path);
        return true;
      }
    });
  }
  return sources;
}

function tooLarge(folder: string): LabError {
  const message = `The folder "${basename(folder)}" holds more than 64 MiB, which is too much to build.`;
  return new LabError('BPFLAB_FILE_PATH', message);
}

/** Programs, scripts and data of the folder, and the BPF objects; what is only for the next make stays behind. */
async function readResults(
  work: string,
  sources: ReadonlySet<string>
): Promise<Pick<MakeBuild, 'files' | 'programs' | 'objects'>> {
  const files: MakeBuild['files'] = [];
  const programs: string[] = [];
  const objects: Build[] = [];
  const isRust = sources.has('Cargo.toml');
  const paths = (await filesBelow(work)).filter(path => !(isRust && isOfCargo(path)));
  for (const path of paths.sort()) {
    const status = await lstat(join(work, path));
    const isObject = path.endsWith('.bpf.o') && !path.endsWith('.tmp.bpf.o');
    const isHidden = path.split(sep).includes(OUTPUT_FOLDER);
    if (!status.isFile() || status.size > MAX_RESULT_BYTES || (isHidden && !isObject)) continue;
    const bytes = new Uint8Array(await readFile(join(work, path)));
    const isProgram = (status.mode & 0o111) !== 0;
    files.push({ path, bytes, mode: isProgram ? 0o755 : 0o644 });
    if (isProgram && !sources.has(path)) programs.push(path);
    if (isObject) objects.push(await objectOf(work, path, bytes));
  }
  return { files, programs, objects };
}

/** What cargo keeps for its next build. */
const isOfCargo = (path: string): boolean => path.split(sep).includes(CARGO_TARGET) && !CARGO_PROGRAM.test(path);

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter(entry => entry.isFile()).map(entry => relative(folder, join(entry.parentPath, entry.name)));
}

/** `bpftool gen object` keeps BTF and drops DWARF: its input, when it lies beside, is the one to read types from. */
async function objectOf(work: string, path: string, loadable: Uint8Array): Promise<Build> {
  const whole = await readFile(join(work, path.replace(/\.bpf\.o$/, '.tmp.bpf.o'))).catch(() => null);
  const sha256 = createHash('sha256').update(loadable).digest('hex');
  return {
    key: sha256,
    name: basename(path, '.bpf.o').replaceAll(/\W/g, '_'),
    object: whole === null ? loadable : new Uint8Array(whole),
    loadable,
    sha256,
    warnings: [],
    fromCache: false,
    compileMs: 0,
    added: ''
  };
}

/** Without the folder that is ours. */
const readable = (text: string): string => text.replaceAll(`${LESSON_FOLDER}/`, '').replaceAll(LESSON_FOLDER, '.');
