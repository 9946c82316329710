// Builds the JupyterLab application that the gateway serves, from npm packages alone, into extension/app/dist:
//
//   index.html   page; the server fills {{page_config}} and {{static_url}}
//   static/      scripts and fonts, names carry the hash of their content; a .gz stands beside what compresses
//   schemas/     settings schemas by package, as JupyterLab's settings API wants them
//   themes/      one index.css per theme package
//   locale/      our own translations, <language>/<domain>.json
//   app.json     { version, key, disabledExtensions }: what the server and the next build must know
//
// It is written to a folder of its own and moved to dist at the end, so that a killed build leaves the old one, and two
// at once do no harm. Nothing is done when the inputs are those of the build that is there (--force builds all the same).
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { applicationConfig, themeConfigs } from './bundler-config.mjs';
import { disabledExtensions, pluginPackages } from './plugin-packages.mjs';

const require = createRequire(import.meta.url);
const appDir = import.meta.dirname;
const extensionDir = join(appDir, '..');
const rootDir = join(extensionDir, '..');
const distDir = join(appDir, 'dist');
/** On the same file system as dist, and below node_modules, where no tool looks for sources. */
const workDir = join(rootDir, 'node_modules/.cache/bpflab-application');
const COMPRESSED = /\.(js|css|json|svg|txt|html)$/;
const COMPRESS_MIN_BYTES = 1024;

/** All files below a folder, sorted, as absolute paths; none when it does not exist. */
async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
}

/** Hash of everything the output depends on: the lock for npm packages, and our own files by content. */
async function inputKey() {
  const own = await Promise.all([
    ...['lib', 'style', 'schema', 'locale'].map(name => filesBelow(join(extensionDir, name))),
    filesBelow(join(rootDir, 'kernel-gateway/lib/protocol'))
  ]);
  const app = (await readdir(appDir)).filter(name => /\.(m?js|html|svg)$/.test(name)).map(name => join(appDir, name));
  const files = [join(rootDir, 'package-lock.json'), join(extensionDir, 'package.json'), ...app, ...own.flat()];
  const hash = createHash('sha256');
  for (const file of files.filter(name => !/\.(tsbuildinfo|map|d\.ts)$/.test(name))) {
    hash.update(`${relative(rootDir, file)}\0`);
    hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Runs the bundler; throws with its own words when there are errors. */
async function bundle(configs) {
  const { rspack } = require('@rspack/core');
  const compiler = rspack(configs);
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, result) => (error ? reject(error) : resolve(result)));
  });
  await new Promise(resolve => compiler.close(resolve));
  if (stats.hasErrors()) {
    throw new Error(stats.toString({ all: false, errors: true, colors: false }));
  }
  return stats.toJson({ all: false, children: true, entrypoints: true, chunkGroups: true, assets: true });
}

/** Copies every package's settings schemas to where the settings API looks for them. */
async function copySchemas(packages, target) {
  for (const { name, folder, schemaDir } of packages) {
    if (schemaDir) {
      await cp(join(folder, schemaDir), join(target, name), { recursive: true });
      await cp(join(folder, 'package.json'), join(target, name, 'package.json.orig'));
    }
  }
}

/** Modules that exist only in the build: the list of plugin packages and of their styles. */
async function writeGenerated(packages, folder) {
  await mkdir(folder, { recursive: true });
  const entries = packages.flatMap(({ name, modules }) =>
    modules.map(
      ({ kind, request }) =>
        `  { name: ${JSON.stringify(name)}, kind: ${JSON.stringify(kind)}, load: () => import(${JSON.stringify(request)}) }`
    )
  );
  await writeFile(join(folder, 'plugins.js'), `export const bundled = [\n${entries.join(',\n')}\n];\n`);
  const styles = packages
    .filter(({ style }) => style !== null)
    .map(({ style }) => `import ${JSON.stringify(style)};\n`);
  await writeFile(join(folder, 'style.js'), styles.join(''));
}

/** The page, with the scripts of the first chunk group; what they need next is announced so that it loads beside them. */
async function writePage(stats, folder) {
  const main = stats.children.find(child => child.entrypoints?.main);
  const first = main.entrypoints.main.assets.map(({ name }) => name).filter(name => name.endsWith('.js'));
  // `core` is reached through the share scope, which the chunk graph does not tell.
  const next = main.assets.map(({ name }) => name).filter(name => /^(application|core)\..*\.js$/.test(name));
  const lines = [
    ...next.map(name => `<link rel="preload" as="script" href="{{static_url}}/${name}" />`),
    ...first.map(name => `<script defer src="{{static_url}}/${name}"></script>`)
  ];
  const template = await readFile(join(appDir, 'index.html'), 'utf8');
  await writeFile(join(folder, 'index.html'), template.replace('<!-- scripts -->', lines.join('\n    ')));
  await cp(join(appDir, 'favicon.svg'), join(folder, 'static/favicon.svg'));
}

/** Writes a .gz beside every file that gets smaller by it. */
async function compress(folder) {
  let bytes = 0;
  for (const file of await filesBelow(folder)) {
    if (COMPRESSED.test(file) && (await stat(file)).size >= COMPRESS_MIN_BYTES) {
      await pipeline(createReadStream(file), createGzip({ level: 6 }), createWriteStream(`${file}.gz`));
      bytes += (await stat(`${file}.gz`)).size;
    }
  }
  return bytes;
}

/** Moves the finished output into place. */
async function replaceDist(buildDir) {
  const oldDir = `${buildDir}.old`;
  await rm(oldDir, { recursive: true, force: true });
  await rename(distDir, oldDir).catch(error => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(buildDir, distDir);
  await rm(oldDir, { recursive: true, force: true });
}

/** Removes what builds left that were killed. */
async function removeLeftovers() {
  for (const name of await readdir(workDir).catch(() => [])) {
    if (!isRunning(Number.parseInt(name, 10))) {
      await rm(join(workDir, name), { recursive: true, force: true });
    }
  }
}

/** Whether there is a process of that number. */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function build() {
  const startedMs = performance.now();
  const key = await inputKey();
  const previous = await readFile(join(distDir, 'app.json'), 'utf8').then(JSON.parse, () => null);
  if (previous?.key === key && !process.argv.includes('--force')) {
    console.log(`application ${key}: up to date`);
    return;
  }
  await removeLeftovers();
  const buildDir = join(workDir, String(process.pid));
  await rm(buildDir, { recursive: true, force: true });
  await mkdir(buildDir, { recursive: true });
  try {
    const packages = await pluginPackages(extensionDir);
    const generatedDir = join(buildDir, 'generated');
    await writeGenerated(packages, generatedDir);
    const mode = process.argv.includes('--development') ? 'development' : 'production';
    const options = { extensionDir, appDir, buildDir, generatedDir, packages, mode };
    const stats = await bundle([applicationConfig(options), ...themeConfigs(options)]);
    await writePage(stats, buildDir);
    await copySchemas(packages, join(buildDir, 'schemas'));
    await cp(join(extensionDir, 'locale'), join(buildDir, 'locale'), { recursive: true });
    await rm(generatedDir, { recursive: true });
    const gzipBytes = await compress(join(buildDir, 'static'));
    const { version } = JSON.parse(await readFile(join(extensionDir, 'package.json'), 'utf8'));
    await writeFile(join(buildDir, 'app.json'), JSON.stringify({ version, key, disabledExtensions }, null, 2));
    await replaceDist(buildDir);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.log(`application ${key}: built in ${seconds} s, ${(gzipBytes / 1e6).toFixed(1)} MB compressed`);
  } finally {
    await rm(buildDir, { recursive: true, force: true });
  }
}

await build();
