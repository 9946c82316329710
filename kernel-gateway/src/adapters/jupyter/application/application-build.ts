import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../../protocol/index.js';

/** A prebuilt labextension, as the page config names it; `folder` holds its `static/…` and `schemas/`. */
export interface Labextension {
  name: string;
  folder: string;
  entry: { name: string; load: string; extension?: string; mimeExtension?: string; style?: string };
}

/** What the build of the application left: `index.html` with placeholders, and folders beside it. */
export interface ApplicationBuild {
  folder: string;
  version: string;
  disabledExtensions: string[];
  /** Page with `{{static_url}}` and `{{page_config}}`. */
  template: string;
}

/**
 * Reads the build in `folder`.
 *
 * @param folder - output of `extension/app/build.mjs`
 * @throws LabError BPFLAB_APPLICATION_MISSING when it was not built
 */
export async function readApplicationBuild(folder: string): Promise<ApplicationBuild> {
  try {
    const [template, text] = await Promise.all([
      readFile(join(folder, 'index.html'), 'utf8'),
      readFile(join(folder, 'app.json'), 'utf8')
    ]);
    const { version, disabledExtensions } = JSON.parse(text) as { version: string; disabledExtensions: string[] };
    return { folder, version, disabledExtensions, template };
  } catch (cause) {
    throw new LabError('BPFLAB_APPLICATION_MISSING', `The JupyterLab application is not in ${folder}.`, { cause });
  }
}

/** Labextensions in `folders`, the first of each name; folders that do not exist hold none. */
export async function findLabextensions(folders: string[]): Promise<Labextension[]> {
  const found = new Map<string, Labextension>();
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const packages = entries.filter(entry => entry.name === 'package.json' && !/schemas|static/.test(entry.parentPath));
    for (const { parentPath } of packages) {
      const data = JSON.parse(await readFile(join(parentPath, 'package.json'), 'utf8')) as PackageData;
      const build = data.jupyterlab?._build;
      if (build && !found.has(data.name)) {
        found.set(data.name, { name: data.name, folder: parentPath, entry: { name: data.name, ...build } });
      }
    }
  }
  return [...found.values()];
}

interface PackageData {
  name: string;
  jupyterlab?: { _build?: { load: string; extension?: string; mimeExtension?: string; style?: string } };
}
