import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeOciArchive } from '../../bpf/image/oci-archive.mjs';
import { parseImageReference } from '../../kernel-gateway/src/adapters/kubernetes/registry/image-reference.js';
import { pushArchive } from '../../kernel-gateway/src/adapters/kubernetes/registry/push-archive.js';

const run = promisify(execFile);
const fileOf = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
/** The gateway's dependency: the one that reads these files in the product. */
const { loadAllYaml } = createRequire(fileOf('kernel-gateway/package.json'))('@kubernetes/client-node') as {
  loadAllYaml: (text: string) => unknown[];
};
let path: string;

beforeAll(async () => {
  const { stdout } = await run(process.execPath, [fileOf('cluster/kind/main.mjs'), 'tools'], { maxBuffer: 1 << 24 });
  path = [...(JSON.parse(stdout) as { path: string[] }).path, process.env['PATH']].join(':');
}, 900_000);

describe('the chart', () => {
  const rendered = async (command: string, ...words: string[]): Promise<unknown[]> => {
    const { stdout } = await run(command, words, { env: { ...process.env, PATH: path } });
    const objects = loadAllYaml(stdout) as { kind: string; metadata: { name: string } }[];
    return objects.sort((a, b) => `${a.kind} ${a.metadata.name}`.localeCompare(`${b.kind} ${b.metadata.name}`));
  };
  const chart = (...values: string[]): Promise<unknown[]> =>
    rendered('helm', 'template', 'any', fileOf('cluster/chart'), ...values.flatMap(value => ['--set', value]));

  it.each([
    ['manifests', []],
    ['profiles/minimal-caps', ['profile=minimal-caps']],
    ['profiles/labeled-nodes', ['labeledNodes=true']]
  ])('renders what Kustomize makes of %s', async (folder, values) => {
    const expected = await rendered('kubectl', 'kustomize', fileOf(`cluster/${folder}`));
    expect(expected).toHaveLength(6);
    expect(await chart(...values)).toEqual(expected);
  });

  it('takes an image, and refuses a profile that there is not', async () => {
    expect(JSON.stringify(await chart('image=registry.example/lab:7'))).toContain('"image":"registry.example/lab:7"');
    await expect(chart('profile=everything')).rejects.toThrow(/profile/);
  });
});

describe('a push', () => {
  const LOGIN = 'user:pass word';
  let folder: string;
  let registry: ChildProcess;
  let address: string;
  let archive: string;
  const progress: string[] = [];
  const headers = { authorization: `Basic ${Buffer.from(LOGIN).toString('base64')}` };
  const push = (reference: string, home: string): Promise<string> =>
    pushArchive({
      archive,
      place: parseImageReference(reference, 'latest'),
      env: { PATH: process.env['PATH'], HOME: home },
      progress: text => progress.push(text)
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bpflab-push-'));
    registry = spawn('registry', [], {
      env: { PATH: path, REGISTRY_LOGIN: LOGIN },
      stdio: ['ignore', 'pipe', 'ignore']
    });
    const output = registry.stdout;
    if (output === null) throw new Error('The registry has no output.');
    [address] = (await once(createInterface(output), 'line')) as [string];
    for (const layer of ['low', 'high']) {
      mkdirSync(join(folder, layer));
      writeFileSync(join(folder, layer, 'file'), layer.repeat(100_000));
    }
    archive = join(folder, 'image.tar');
    const layers = ['low', 'high'].map(name => join(folder, name));
    await writeOciArchive({ name: 'lab:1', layers, entrypoint: ['/file'] }, archive);
    mkdirSync(join(folder, '.docker'));
    const auths = { [address]: { auth: Buffer.from(LOGIN).toString('base64') } };
    writeFileSync(join(folder, '.docker/config.json'), JSON.stringify({ auths }));
  });

  afterAll(() => {
    registry.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const fetched = async (what: string): Promise<Buffer> => {
    const answer = await fetch(`http://${address}/v2/team/lab/${what}`, { headers });
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  };

  it('puts the image there, whole, under the digest that it gives', async () => {
    const name = await push(`${address}/team/lab:7`, folder);
    const digest = name.slice(name.indexOf('@') + 1);
    const manifest = await fetched('manifests/7');
    expect(`sha256:${createHash('sha256').update(manifest).digest('hex')}`).toBe(digest);
    const { config, layers } = JSON.parse(manifest.toString()) as Record<'config', { digest: string }> & {
      layers: { digest: string }[];
    };
    const { rootfs } = JSON.parse((await fetched(`blobs/${config.digest}`)).toString()) as {
      rootfs: { diff_ids: string[] };
    };
    const unpacked = await Promise.all(
      layers.map(async layer => zstdDecompressSync(await fetched(`blobs/${layer.digest}`)))
    );
    expect(unpacked.map(tar => `sha256:${createHash('sha256').update(tar).digest('hex')}`)).toEqual(rootfs.diff_ids);
    expect(unpacked[1]?.includes('highhigh')).toBe(true);
  });

  it('sends nothing again that the registry has', async () => {
    progress.length = 0;
    await push(`${address}/team/lab:8`, folder);
    expect(progress).toEqual([]);
    expect(await fetched('manifests/8')).toEqual(await fetched('manifests/7'));
  });

  it('says that a login is missing, and that nobody answers', async () => {
    await expect(push(`${address}/team/lab:9`, join(folder, 'nobody'))).rejects.toMatchObject({
      code: 'BPFLAB_REGISTRY_PUSH',
      message: expect.stringContaining('docker login') as string
    });
    await expect(push('127.0.0.1:1/team/lab', folder)).rejects.toMatchObject({
      code: 'BPFLAB_REGISTRY_PUSH',
      message: expect.stringContaining('does not answer') as string
    });
  });
});
