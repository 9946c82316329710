import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildFolder, hashOf } from '../../bpf/image/cache.mjs';
import { writeOciArchive } from '../../bpf/image/oci-archive.mjs';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { readFileSync } from 'node:fs';

/** The name that the nodes' containerd.toml has. */
const name = 'bpflab.test/pause:1';
const source = join(import.meta.dirname, 'pause.c');

/**
 * @param {string} cache - its root
 * @returns {Promise<string>} archive of the image of every pod's first container
 */
export async function buildPauseImage(cache) {
  const place = join(cache, 'testbed', `pause-${hashOf(readFileSync(source, 'utf8'))}`);
  await buildFolder(place, async folder => {
    const root = join(folder, 'root');
    mkdirSync(root);
    await runCommand('gcc', ['-static', '-O2', '-s', '-o', join(root, 'pause'), source], { what: 'gcc' });
    await writeOciArchive({ name, layers: [root], entrypoint: ['/pause'] }, join(folder, 'pause.tar'));
  });
  return join(place, 'pause.tar');
}
