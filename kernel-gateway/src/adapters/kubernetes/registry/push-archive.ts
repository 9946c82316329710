import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { buffer } from 'node:stream/consumers';
import { createZstdCompress } from 'node:zlib';
import { LabError } from '../../../protocol/index.js';
import type { ImageReference } from './image-reference.js';
import { RegistryClient } from './registry-client.js';

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

interface Manifest {
  config: Descriptor;
  layers: Descriptor[];
}

/** Layers travel compressed; containerd and Docker read zstd since 2020 and 2023. */
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+zstd';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const MEGABYTE = 1_000_000;

/** What `pushArchive` needs. */
export interface PushOptions {
  /** Archive in the form of the OCI image layout; compressed layers are kept beside it. */
  archive: string;
  place: ImageReference;
  env: NodeJS.ProcessEnv;
  progress: (text: string) => void;
}

/**
 * Puts an image into a registry; what the registry has is not sent again.
 *
 * @returns its name by digest, which can be pulled whatever happens to the tag
 * @throws LabError BPFLAB_REGISTRY_PUSH
 */
export async function pushArchive({ archive, place, env, progress }: PushOptions): Promise<string> {
  const client = new RegistryClient(place, env);
  const index = JSON.parse((await readMember(archive, 'index.json')).toString()) as { manifests: Descriptor[] };
  const first = index.manifests[0];
  if (first === undefined) throw new LabError('BPFLAB_REGISTRY_PUSH', `There is no image in ${archive}.`);
  const manifest = JSON.parse((await readMember(archive, blobPath(first.digest))).toString()) as Manifest;
  const config = await readMember(archive, blobPath(manifest.config.digest));
  const layers: Descriptor[] = [];
  for (const [number, layer] of manifest.layers.entries()) {
    const name = `layer ${number + 1} of ${manifest.layers.length}`;
    const packed = await compressLayer(archive, layer, () => progress(`Compress ${name}.`));
    if (!(await client.hasBlob(packed.digest))) {
      progress(`Push ${name}, ${Math.ceil(packed.size / MEGABYTE)} MB.`);
      await client.putBlob({ ...packed, open: () => createReadStream(packed.file) });
    }
    layers.push({ mediaType: LAYER_TYPE, digest: packed.digest, size: packed.size });
  }
  if (!(await client.hasBlob(manifest.config.digest))) await client.putBlob({ ...manifest.config, open: () => config });
  const pushed = Buffer.from(JSON.stringify({ ...manifest, layers }));
  await client.putManifest(MANIFEST_TYPE, pushed);
  return `${place.host}/${place.name}@sha256:${createHash('sha256').update(pushed).digest('hex')}`;
}

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

/** The layer as a compressed file beside the archive, made at the first push. */
async function compressLayer(
  archive: string,
  { digest }: Descriptor,
  onBegin: () => void
): Promise<{ file: string; digest: string; size: number }> {
  const file = join(dirname(archive), `${digest.replace(/^\w+:/, '')}.zst`);
  if (!existsSync(file)) {
    onBegin();
    const unfinished = `${file}.${process.pid}`;
    try {
      const { child, ended } = openMember(archive, blobPath(digest));
      if (child.stdout !== null) await pipeline(child.stdout, createZstdCompress(), createWriteStream(unfinished));
      await ended;
      renameSync(unfinished, file);
    } finally {
      rmSync(unfinished, { force: true });
    }
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { file, digest: `sha256:${hash.digest('hex')}`, size: statSync(file).size };
}

async function readMember(archive: string, path: string): Promise<Buffer> {
  const { child, ended } = openMember(archive, path);
  const content = child.stdout === null ? Buffer.alloc(0) : await buffer(child.stdout);
  await ended;
  return content;
}

/** A file of the archive as a stream; `ended` rejects when there is no such file. */
function openMember(archive: string, path: string): { child: ChildProcess; ended: Promise<void> } {
  const child = spawn('tar', ['--extract', '--to-stdout', '--occurrence=1', '--file', archive, path], {
    stdio: ['ignore', 'pipe', 'ignore']
  });
  const ended = new Promise<void>((resolve, reject) => {
    const failed = (why: string): void =>
      reject(new LabError('BPFLAB_REGISTRY_PUSH', `Cannot read ${path} of ${archive} — ${why}.`));
    child.on('error', error => failed(error.message));
    child.on('close', status => (status === 0 ? resolve() : failed(`tar ended with status ${status}`)));
  });
  return { child, ended };
}
