/**
 * `/lab/api/translations`: languages of the user interface. English is in the code; ours are folders of the build, those
 * of JupyterLab itself were fetched by set-up, or are not there.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { JupyterServerOptions } from '../server-options.js';
import { preferredLanguage } from './preferred-language.js';

/** Offers the languages of our own catalogs, `<language>/<domain>.json`, with what else there is of each; who has chosen none gets the one that the browser asks for. */
export function translationRoutes(server: FastifyInstance, options: JupyterServerOptions): void {
  const url = `${options.baseUrl}lab/api/translations`;
  const folder = join(options.applicationDir, 'locale');
  const languages = async (): Promise<string[]> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    return entries.filter(entry => entry.isDirectory()).map(({ name }) => name);
  };
  const list = async (): Promise<unknown> => {
    const names = ['en', ...(await languages())];
    return { data: Object.fromEntries(names.map(name => [name, displayNames(name)])), message: '' };
  };
  server.get(url, list);
  server.get(`${url}/`, list);
  server.get(`${url}/:locale`, async request => {
    const offered = await languages();
    const { locale: asked } = request.params as { locale: string };
    // Nothing was chosen: JupyterLab leaves it to the server.
    const header = request.headers['accept-language'] ?? '';
    const locale = asked === 'default' ? preferredLanguage(header, ['en', ...offered]) : asked;
    if (locale === null || !offered.includes(locale)) return { data: {}, message: '' };
    const fetched = await readCatalogs(join(options.languagesDir, locale));
    return { data: { ...fetched, ...(await readCatalogs(join(folder, locale))) }, message: '' };
  });
}

function displayNames(locale: string): { displayName: string; nativeName: string } {
  const tag = locale.replace('_', '-');
  const name = (language: string): string => new Intl.DisplayNames([language], { type: 'language' }).of(tag) ?? locale;
  return { displayName: name('en'), nativeName: name(tag) };
}

async function readCatalogs(folder: string): Promise<Record<string, unknown>> {
  const names = (await readdir(folder).catch(() => [])).filter(name => name.endsWith('.json'));
  const catalogs = await Promise.all(
    names.map(async name => [basename(name, '.json'), JSON.parse(await readFile(join(folder, name), 'utf8'))] as const)
  );
  return Object.fromEntries(catalogs);
}
