/**
 * `npx bpflab bundle save|load FILE`: what a machine without a network needs, in one file. Debian's packages with the versions that were
 * chosen (tools, lab image, guest and its kernels are built from them), npm's packages as they are installed, menus, and an
 * image for kind's nodes. Plain Node: on the other machine nothing is installed yet.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheRoot, removeTree } from '../../bpf/image/cache.mjs';
import { withFileLock } from '../../bpf/image/file-lock.mjs';
import { readPackageLock } from '../../bpf/image/package-lock.mjs';
import { missingPackages } from '../../bpf/image/package-pool.mjs';
import { Progress, megabytes } from '../../bpf/image/progress.mjs';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { StepError } from '../../bpf/image/step-error.mjs';
import { checkout } from './checkout.mjs';
import { provideNpmPackages } from './npm-packages.mjs';

/** In front of the archive. @typedef {{ version: 1, lock: string, arch: string, nodeImage: string | null }} BundleNote */

const NOTE = 'bundle.json';
const NODE_IMAGE = 'node-image.tar';
const moduleFolders = ['node_modules', 'kernel-gateway/node_modules', 'extension/node_modules'];
const cacheParts = ['debs', 'locks', 'locale'];
/** What tests alone need. */
const notOurs = /^(docker|kind-node|kind-proxy)-/;
const compress = ['--use-compress-program', 'gzip -1'];

/**
 * @param {string[]} words - after "bundle"
 */
export async function runBundle(words) {
  const options = /** @type {const} */ ({ 'node-image': { type: 'string' } });
  const { values, positionals } = parseArgs({ args: words, allowPositionals: true, options });
  const [command, file] = positionals;
  if ((command !== 'save' && command !== 'load') || file === undefined || positionals.length > 2)
    throw new StepError('BPFLAB_CONFIG_OPTION', 'Say npx bpflab bundle save FILE, or npx bpflab bundle load FILE.');
  const path = resolve(process.env['INIT_CWD'] ?? '.', file);
  const progress = new Progress();
  const cache = cacheRoot();
  const waiting = (/** @type {string} */ holder) => progress.note(`Waiting for process ${holder} …`);
  try {
    await withFileLock(join(cache, 'install.lock'), waiting, () =>
      command === 'save'
        ? saveBundle({ cache, file: path, nodeImage: values['node-image'] ?? null, progress })
        : loadBundle({ cache, file: path, progress })
    );
  } finally {
    progress.close();
  }
}

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(checkout, 'package-lock.json')))
    .digest('hex');

/**
 * @param {{ cache: string, file: string, nodeImage: string | null, progress: Progress }} options
 */
async function saveBundle({ cache, file, nodeImage, progress }) {
  await provideNpmPackages({ progress, offline: false });
  const step = progress.step('Bundle');
  const scratch = mkdtempSync(join(tmpdir(), 'bpflab-bundle-'));
  const unfinished = `${file}.${process.pid}`;
  try {
    const packages = wantedFiles(cache);
    /** @type {BundleNote} */
    const note = { version: 1, lock: lockHash(), arch: process.arch, nodeImage };
    writeFileSync(join(scratch, NOTE), JSON.stringify(note));
    const made = [NOTE];
    if (nodeImage !== null) {
      step.update(`image ${nodeImage}`);
      await runCommand('docker', ['save', '--output', join(scratch, NODE_IMAGE), nodeImage], { what: 'docker save' });
      made.push(NODE_IMAGE);
    }
    step.update('pack');
    const menus = existsSync(join(cache, 'locale')) ? ['locale'] : [];
    const modules = moduleFolders.filter(name => existsSync(join(checkout, name)));
    await runCommand('tar', [
      ...['--create', '--file', unfinished, ...compress, '--directory', scratch, ...made],
      ...['--directory', cache, ...packages, ...menus, '--directory', checkout, ...modules]
    ]);
    renameSync(unfinished, file);
    step.done(`${megabytes(statSync(file).size)} in ${file}`);
  } catch (error) {
    step.failed();
    throw error;
  } finally {
    rmSync(unfinished, { force: true });
    removeTree(scratch);
  }
}

/** Locks whose packages are all there, and these packages; paths relative to the cache. */
function wantedFiles(/** @type {string} */ cache) {
  const folder = join(cache, 'locks');
  const names = existsSync(folder)
    ? readdirSync(folder).filter(name => name.endsWith('.json') && !notOurs.test(name))
    : [];
  /** @type {Set<string>} */
  const files = new Set();
  for (const name of names) {
    const packages = readPackageLock(join(folder, name)) ?? [];
    if (packages.length === 0 || missingPackages(join(cache, 'debs'), packages).length > 0) continue;
    files.add(`locks/${name}`);
    for (const { file } of packages) files.add(`debs/${file}`);
  }
  for (const part of ['tools', 'lab', 'kernel-source'])
    if (![...files].some(name => name.startsWith(`locks/${part}-`)))
      throw new StepError('BPFLAB_IMAGE_MISSING', `The packages of "${part}" are not all in ${cache}.`);
  return [...files];
}

/**
 * @param {{ cache: string, file: string, progress: Progress }} options
 */
async function loadBundle({ cache, file, progress }) {
  if (!existsSync(file)) throw new StepError('BPFLAB_CONFIG_OPTION', `There is no file ${file}.`);
  const step = progress.step('Bundle');
  try {
    const note = await readNote(file);
    step.update('unpack');
    mkdirSync(cache, { recursive: true });
    const extract = ['--extract', '--file', file, ...compress];
    const all = await runCommand('tar', ['--list', '--file', file, ...compress], { what: 'tar' });
    const there = new Set(
      all
        .toString()
        .split('\n')
        .map(name => name.split('/')[0])
    );
    const parts = cacheParts.filter(name => there.has(name));
    await runCommand('tar', [...extract, '--directory', cache, ...parts], { what: 'tar' });
    const modules = moduleFolders.filter(name => all.includes(`\n${name}/\n`));
    for (const name of modules) removeTree(join(checkout, name));
    await runCommand('tar', [...extract, '--directory', checkout, ...modules], { what: 'tar' });
    if (note.nodeImage !== null) await loadNodeImage({ cache, file, name: note.nodeImage, step });
    step.done('npm start -- --offline goes on from here');
  } catch (error) {
    step.failed();
    throw error;
  }
}

/** @param {string} file @returns {Promise<BundleNote>} */
async function readNote(file) {
  const words = ['--extract', '--to-stdout', '--occurrence=1', '--file', file, ...compress, NOTE];
  const text = await runCommand('tar', words, { what: 'tar' }).catch(cause => {
    throw new StepError('BPFLAB_CONFIG_OPTION', `${file} is no bundle.`, { cause });
  });
  const note = /** @type {BundleNote} */ (JSON.parse(text.toString()));
  if (note.version !== 1 || note.arch !== process.arch || note.lock !== lockHash())
    throw new StepError(
      'BPFLAB_CONFIG_OPTION',
      `${file} was saved by another version of this project or on another kind of machine.`,
      {
        hint: 'Check out the same commit as where it was saved.'
      }
    );
  return note;
}

/**
 * @param {{ cache: string, file: string, name: string, step: import('../../bpf/image/progress.mjs').Step }} options
 */
async function loadNodeImage({ cache, file, name, step }) {
  step.update(`image ${name}`);
  const folder = join(cache, 'clusters');
  mkdirSync(folder, { recursive: true });
  await runCommand('tar', ['--extract', '--file', file, ...compress, '--directory', folder, NODE_IMAGE], {
    what: 'tar'
  });
  await runCommand('docker', ['load', '--input', join(folder, NODE_IMAGE)], { what: 'docker load' });
  rmSync(join(folder, NODE_IMAGE));
}
