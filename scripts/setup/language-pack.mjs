/**
 * JupyterLab's own menus in Chinese: a package of PyPI with compiled catalogs, of which one file is kept in the cache. It
 * is its translators' work under its own license, fetched by the user, and nothing of it is in this project.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileWhole } from '../../bpf/image/cache.mjs';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { productNode } from './checkout.mjs';
import { pipSettings } from './pip-settings.mjs';
import { readZip } from './read-zip.mjs';

const pack = {
  project: 'jupyterlab-language-pack-zh-cn',
  file: 'jupyterlab_language_pack_zh_cn-4.5.post3-py2.py3-none-any.whl',
  sha256: '47cdb0c41c6b066e795c867786c9c29fde527e2bf15aa6b3e9b2bab9929304b5',
  catalog: 'jupyterlab_language_pack_zh_CN/locale/zh_CN/LC_MESSAGES/jupyterlab.json'
};
const fetcher = fileURLToPath(new URL('fetch-wheel.mjs', import.meta.url));

/**
 * Puts the catalog into the cache, as `locale/zh_CN/jupyterlab.json`. Without it the menus are English, so a failure is
 * one line and no more.
 *
 * @param {{ progress: import('../../bpf/image/progress.mjs').Progress, cache: string, offline: boolean }} options
 */
export async function provideLanguagePack({ progress, cache, offline }) {
  const folder = join(cache, 'locale');
  const stamp = join(folder, 'zh_CN.sha256');
  const catalog = join(folder, 'zh_CN/jupyterlab.json');
  if (existsSync(catalog) && existsSync(stamp) && readFileSync(stamp, 'utf8') === pack.sha256) return;
  if (offline) return;
  const step = progress.step('Chinese menus');
  step.update('fetch');
  try {
    const text = readZip(await fetchWheel(join(folder, pack.file)), pack.catalog);
    if (text === null) throw new Error(`${pack.file} has no ${pack.catalog}`);
    writeFileWhole(catalog, text);
    writeFileWhole(stamp, pack.sha256);
    step.done(pack.file.split('-')[1] ?? '');
  } catch (error) {
    step.failed();
    const { details = '', message } = /** @type {Error & { details?: string }} */ (error);
    const [reason = ''] = (details || message).trim().split('\n');
    progress.note(`JupyterLab's own menus stay in English: ${reason} The next start tries again.`);
  }
}

/**
 * @param {string} target - file that it passes through
 * @returns {Promise<Buffer>} the pinned wheel
 */
async function fetchWheel(target) {
  const { index, proxy, cert } = pipSettings(process.env);
  const env = {
    NODE_USE_ENV_PROXY: '1',
    ...(proxy === null ? {} : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy }),
    ...(cert === null ? {} : { NODE_EXTRA_CA_CERTS: cert })
  };
  writeFileWhole(target, '');
  try {
    const words = [fetcher, index, pack.project, pack.file, pack.sha256, target];
    await runCommand(productNode(), words, { env, code: 'BPFLAB_IMAGE_FETCH' });
    return readFileSync(target);
  } finally {
    rmSync(target);
  }
}
