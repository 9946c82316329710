import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildFolder, hashOf, removeOthers } from './cache.mjs';
import { withFileLock } from './file-lock.mjs';
import { readInstalledFile } from './installed-file.mjs';
import { leasedPaths } from './leases.mjs';
import { writeOciArchive } from './oci-archive.mjs';
import { StepError } from './step-error.mjs';

/**
 * Makes the lab image be there as an archive for container runtimes (`ctr images import`, `docker load`,
 * `kind load image-archive`): the tree that compiles cells, and the agent in a second layer.
 *
 * @param {{ cache: string, progress: import('./progress.mjs').Progress }} options
 * @returns {Promise<{ file: string, image: string }>} absolute path, and the image's name with its tag
 */
export async function provideLabArchive({ cache, progress }) {
  const { lab, agent } = readInstalledFile(cache);
  if (!lab || !agent) throw new StepError('BPFLAB_IMAGE_MISSING', 'The lab image was never made on this machine.');
  const id = hashOf('archive', 1, lab.id, agent.id);
  const image = `bpflab.local/lab:${id}`;
  const place = join(cache, 'images', `archive-${id}`);
  const step = progress.step('Image archive');
  const lock = join(cache, 'locks', 'archive.lock');
  const built = await withFileLock(
    lock,
    holder => progress.note(`Waiting for process ${holder} …`),
    async () => {
      removeOthers(join(cache, 'images'), 'archive-', { keep: [basename(place)], leased: leasedPaths(cache) });
      return buildFolder(place, async folder => {
        step.update('pack the lab image');
        const layer = join(folder, 'agent');
        mkdirSync(join(layer, 'usr/bin'), { recursive: true });
        copyFileSync(agent.path, join(layer, 'usr/bin/bpflab-agent'));
        const layers = [lab.root, layer];
        const labels = { 'org.opencontainers.image.title': 'bpflab' };
        await writeOciArchive(
          { name: image, layers, labels, entrypoint: ['/usr/bin/bpflab-agent'] },
          join(folder, 'lab.tar')
        );
      });
    }
  );
  if (built) step.done(image);
  else step.cached(image);
  return { file: join(place, 'lab.tar'), image };
}
