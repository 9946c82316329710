/** `/bpflab/api/versions/<path>`: what a notebook was before, to compare with. Reads only. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { labOrigin } from '../../../core/labs/lab-origin.js';
import { LabError } from '../../../protocol/index.js';
import { LabCatalog } from '../labs/lab-catalog.js';
import { labNotebook } from '../labs/lab-notebook.js';
import type { JupyterServerOptions } from '../server-options.js';
import type { ContentsPath, ContentsRoot } from './contents-root.js';
import { checkpointPath } from './contents-store.js';

/** Name of a version: as on disk, JupyterLab's checkpoint, git's last commit, the lesson as it came. */
type VersionName = 'saved' | 'checkpoint' | 'head' | 'lesson';

const NAMES: readonly VersionName[] = ['saved', 'checkpoint', 'head', 'lesson'];
const GIT_TIMEOUT_MS = 5000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Adds `GET <path>` → `{ versions: name[] }` and `GET <path>?version=name` → the notebook's JSON. */
export function versionRoutes(server: FastifyInstance, options: JupyterServerOptions, root: ContentsRoot): void {
  const catalog = new LabCatalog(options.labsDir);
  const read = async (name: VersionName, place: ContentsPath): Promise<string | null> => {
    switch (name) {
      case 'saved':
        return readFile(place.absolute, 'utf8');
      case 'checkpoint':
        return readFile(checkpointPath(place), 'utf8').catch(() => null);
      case 'head':
        return committed(place);
      case 'lesson':
        return lessonOf(catalog, await readFile(place.absolute, 'utf8'));
    }
  };
  server.get(`${options.baseUrl}bpflab/api/versions/*`, async request => {
    const place = await root.existing((request.params as { '*': string })['*']);
    const wanted = (request.query as Record<string, string | undefined>)['version'];
    if (wanted === undefined) {
      const texts = await Promise.all(NAMES.map(name => read(name, place)));
      return { versions: NAMES.filter((_, index) => texts[index] !== null) };
    }
    const name = NAMES.find(one => one === wanted);
    const text = name === undefined ? null : await read(name, place);
    if (text === null) throw missing(request, wanted);
    return JSON.parse(text) as unknown;
  });
}

function missing(request: FastifyRequest, version: string): LabError {
  const path = (request.params as { '*': string })['*'];
  return new LabError('BPFLAB_CONTENTS_MISSING', `"${path}" has no version "${version.slice(0, 40)}".`);
}

/** The file as of the last commit of the repository that it is in; null without git, repository or such a file. */
function committed({ absolute }: ContentsPath): Promise<string | null> {
  // Neither hooks nor filters of a repository run for `show` of a blob by path; its configuration must not name programs.
  const safe = ['-c', 'core.fsmonitor=false', '-c', 'core.pager=cat', '-c', 'protocol.allow=never'];
  const args = [
    '-C',
    dirname(absolute),
    ...safe,
    'show',
    '--no-textconv',
    '--no-ext-diff',
    `HEAD:./${basename(absolute)}`
  ];
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', GIT_OPTIONAL_LOCKS: '0' };
  return new Promise(resolve => {
    execFile('git', args, { env, timeout: GIT_TIMEOUT_MS, maxBuffer: MAX_BYTES }, (error, stdout) =>
      resolve(error ? null : stdout)
    );
  });
}

/** The notebook that a lesson's copy was made of; null when it is no lesson's, or of one that is not here. */
async function lessonOf(catalog: LabCatalog, text: string): Promise<string | null> {
  const origin = labOrigin(text);
  if (origin === null) return null;
  try {
    const found = await catalog.markdown(origin.lab, origin.language);
    return JSON.stringify(labNotebook(found.text, { id: origin.lab, language: origin.language }));
  } catch {
    return null;
  }
}
