/**
 * Images for container runtimes out of folders, without an engine: an archive in the form of the OCI image layout
 * (opencontainers/image-spec 1.1), with the manifest.json of `docker load` beside it.
 */
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { removeTree } from './cache.mjs';
import { runCommand } from './run-command.mjs';

const layerType = 'application/vnd.oci.image.layer.v1.tar';
const configType = 'application/vnd.oci.image.config.v1+json';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** The same folder gives the same bytes: owned by root, sorted, without times. */
const layerOptions = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=pax'];
const paxOptions = '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime';

/**
 * What is made.
 *
 * @typedef {object} OciImage
 * @property {string} name - with its tag, such as bpflab.local/lab:1
 * @property {string[]} layers - folders, the lowest first
 * @property {string[]} [alsoNamed] - further names of the same image
 * @property {string[]} entrypoint
 * @property {string[]} [env] - further variables, NAME=VALUE
 * @property {string} [stopSignal] - what ends its first process
 * @property {Record<string, string>} [labels]
 * @property {string} [architecture] - as Go names it; amd64 when not given
 */

/** A blob of the layout. @typedef {{ digest: string, size: number }} Blob */

/**
 * @param {string} file
 * @returns {Promise<string>} hex digits
 */
async function sha256Of(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/**
 * @param {string} blobs - folder
 * @param {string} layer - folder
 * @returns {Promise<Blob>}
 */
async function addLayer(blobs, layer) {
  const file = join(blobs, 'unnamed');
  await runCommand('tar', ['--create', '--file', file, ...layerOptions, paxOptions, '--directory', layer, '.'], {
    what: 'tar'
  });
  const digest = await sha256Of(file);
  const size = statSync(file).size;
  renameSync(file, join(blobs, digest));
  return { digest, size };
}

/**
 * @param {string} blobs - folder
 * @param {unknown} value
 * @returns {Blob}
 */
function addJson(blobs, value) {
  const text = JSON.stringify(value);
  const digest = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(blobs, digest), text);
  return { digest, size: Buffer.byteLength(text) };
}

/** @param {string} type @param {Blob} blob */
const descriptor = (type, { digest, size }) => ({ mediaType: type, digest: `sha256:${digest}`, size });

/**
 * Writes an image archive. The folders are read as they are; links and permissions are kept.
 *
 * @param {OciImage} image
 * @param {string} file - is made anew
 */
export async function writeOciArchive(image, file) {
  const folder = `${file}.layout`;
  const blobs = join(folder, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  try {
    const layers = [];
    for (const layer of image.layers) layers.push(await addLayer(blobs, layer));
    const config = addJson(blobs, {
      architecture: image.architecture ?? 'amd64',
      os: 'linux',
      config: {
        Entrypoint: image.entrypoint,
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...(image.env ?? [])],
        ...(image.stopSignal === undefined ? {} : { StopSignal: image.stopSignal }),
        Labels: image.labels ?? {}
      },
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
      history: layers.map(() => ({ created_by: 'bpflab' }))
    });
    const manifest = addJson(blobs, {
      schemaVersion: 2,
      mediaType: manifestType,
      config: descriptor(configType, config),
      layers: layers.map(layer => descriptor(layerType, layer))
    });
    const names = [image.name, ...(image.alsoNamed ?? [])];
    const annotationsOf = (/** @type {string} */ name) => ({
      'io.containerd.image.name': name,
      'org.opencontainers.image.ref.name': name.split(':').at(-1)
    });
    const write = (/** @type {string} */ name, /** @type {unknown} */ value) =>
      writeFileSync(join(folder, name), JSON.stringify(value));
    write('oci-layout', { imageLayoutVersion: '1.0.0' });
    write('index.json', {
      schemaVersion: 2,
      manifests: names.map(name => ({ ...descriptor(manifestType, manifest), annotations: annotationsOf(name) }))
    });
    const path = (/** @type {Blob} */ { digest }) => `blobs/sha256/${digest}`;
    write('manifest.json', [{ Config: path(config), RepoTags: names, Layers: layers.map(path) }]);
    const parts = ['oci-layout', 'index.json', 'manifest.json', 'blobs'];
    await runCommand('tar', ['--create', '--file', file, ...layerOptions, '--directory', folder, ...parts], {
      what: 'tar'
    });
  } finally {
    removeTree(folder);
  }
}
