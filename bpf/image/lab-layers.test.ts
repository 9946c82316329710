import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeTree } from './cache.mjs';
import { provideLabImage } from './images.mjs';
import { InstallContext } from './install-context.mjs';
import { readInstalledFile, updateInstalledFile } from './installed-file.mjs';
import { labLayers, labPackages } from './package-lists.mjs';
import { Progress } from './progress.mjs';

let cache = '';
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'bpflab-layers-'));
});
afterEach(() => removeTree(cache));

/** What the lab image is asked for; nothing is fetched. */
class AskedContext extends InstallContext {
  lists = new Map<string, string[]>();

  override providePackages(name: string, list: string[]): Promise<never> {
    this.lists.set(name, list);
    return Promise.reject(new Error('enough'));
  }

  override lockPackages(): Promise<never> {
    return Promise.reject(new Error('enough'));
  }
}

async function labListWith(layers: string[]): Promise<string[]> {
  const progress = new Progress({ isTTY: false, write: () => true });
  const context = new AskedContext({
    cache,
    scratch: join(cache, 'scratch'),
    progress,
    offline: true,
    labLayers: layers
  });
  await provideLabImage(context, Promise.resolve({ id: 't', root: cache })).catch(() => undefined);
  return context.lists.get('lab') ?? [];
}

it('puts the packages of added layers into the lab image, and no others', async () => {
  expect(await labListWith([])).toEqual(labPackages);
  expect(await labListWith(['go'])).toEqual([...labPackages, ...(labLayers['go'] ?? [])]);
  expect(await labListWith(['go', 'java'])).toContain('default-jdk-headless');
});

it('keeps a layer when the other parts are written down anew', () => {
  updateInstalledFile(cache, { lab_layers: ['go'] });
  updateInstalledFile(cache, { lab: { id: 'l', root: '/lab', erofs: '/lab.erofs' } });
  expect(readInstalledFile(cache)).toMatchObject({ version: 1, lab_layers: ['go'], lab: { id: 'l' } });
});
