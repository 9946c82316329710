// Builds our extension as a prebuilt labextension, which stock JupyterLab and Notebook load as it is, into
// extension/labextension. Nothing is done when the inputs are those of the build that is there (--force builds all the same).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

const require = createRequire(import.meta.url);
const extensionDir = join(import.meta.dirname, '..');
const rootDir = join(extensionDir, '..');
const outputDir = join(extensionDir, 'labextension');

/** Hash of the lock and of our own files by content. */
async function inputKey() {
  const folders = ['lib', 'style', 'schema'].map(name => join(extensionDir, name));
  folders.push(join(rootDir, 'kernel-gateway/lib/protocol'));
  const files = [join(rootDir, 'package-lock.json'), join(extensionDir, 'package.json'), import.meta.filename];
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const names = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
    files.push(...names.filter(name => !/\.(tsbuildinfo|map|d\.ts)$|\/\.built$/.test(name)).sort());
  }
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${relative(rootDir, file)}\0`).update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

/**
 * Package of the labextension: of the dependencies just what our code imports, in every version of the front end that we
 * work with. The rest of them is for the application.
 */
async function slimPackage() {
  const data = JSON.parse(await readFile(join(extensionDir, 'package.json'), 'utf8'));
  const imported = new Set();
  for (const name of await readdir(join(extensionDir, 'lib'), { recursive: true })) {
    if (!name.endsWith('.js')) continue;
    const text = await readFile(join(extensionDir, 'lib', name), 'utf8');
    for (const [, request] of text.matchAll(/(?:from|import\()\s*'([^'.][^']*)'/g)) imported.add(packageName(request));
  }
  const used = Object.entries(data.dependencies).filter(([name]) => imported.has(name));
  const dependencies = Object.fromEntries(used.map(([name, version]) => [name, anyOfMajor(name, version)]));
  const sharedPackages = Object.fromEntries(
    used.filter(([name]) => !/^@(jupyterlab|lumino|codemirror)\//.test(name)).map(([name]) => [name, false])
  );
  const jupyterlab = { ...data.jupyterlab, outputDir: 'out', sharedPackages };
  return { ...data, description: description(data), dependencies, devDependencies: {}, jupyterlab };
}

const packageName = request => request.split('/', request.startsWith('@') ? 2 : 1).join('/');

const anyOfMajor = (name, version) =>
  name.startsWith('@jupyterlab/') ? `^${version.replace(/^\D*/, '').split('.')[0]}.0.0` : version;

const description = data => data.description.replace(' and the application that carries them', '');

/** The builder writes its output and takes its input by package.json, so it gets one of its own, beside links to the rest. */
async function build(key) {
  const folder = join(rootDir, 'node_modules/.cache/bpflab-labextension', String(process.pid));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  try {
    for (const name of ['lib', 'style', 'schema']) await symlink(join(extensionDir, name), join(folder, name));
    await writeFile(join(folder, 'package.json'), JSON.stringify(await slimPackage(), null, 2));
    const core = require.resolve('@jupyterlab/core-meta/core.package.json');
    const builder = join(dirname(require.resolve('@jupyter/builder/package.json')), 'lib/build-labextension.js');
    const command = [builder, '--core-package-file', core, folder];
    const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
    await writeFile(join(folder, 'out/.key'), key);
    await rm(outputDir, { recursive: true, force: true });
    await rename(join(folder, 'out'), outputDir);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const key = await inputKey();
const previous = await readFile(join(outputDir, '.key'), 'utf8').catch(() => '');
if (previous === key && !process.argv.includes('--force')) console.log(`labextension ${key}: up to date`);
else await build(key);
