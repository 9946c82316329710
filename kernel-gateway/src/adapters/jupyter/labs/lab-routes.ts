/** `/bpflab/api/labs`: the lessons, and opening one as a notebook of the user's own. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LabError } from '../../../protocol/index.js';
import type { ContentsStore } from '../contents/contents-store.js';
import type { JupyterServerOptions } from '../server-options.js';
import { LabCatalog } from './lab-catalog.js';
import { labNotebook } from './lab-notebook.js';

/** Adds the routes; `?language=zh-CN` asks for a translation. */
export function labRoutes(server: FastifyInstance, options: JupyterServerOptions, store: ContentsStore): void {
  const catalog = new LabCatalog(options.labsDir);
  const url = `${options.baseUrl}bpflab/api/labs`;
  const list = async (request: FastifyRequest): Promise<unknown> => ({ labs: await catalog.list(languageOf(request)) });
  server.get(url, list);
  server.get(`${url}/`, list);
  server.post(`${url}/*`, async request => {
    const match = /^(.+)\/open$/.exec((request.params as { '*': string })['*']);
    if (!match) throw new LabError('BPFLAB_REQUEST_UNKNOWN', 'A lab is opened with POST …/labs/<id>/open.');
    const id = match[1]!;
    const { text, language } = await catalog.markdown(id, languageOf(request));
    return openLab(store, { id, text, language });
  });
}

const languageOf = (request: FastifyRequest): string =>
  (request.query as Record<string, string | undefined>)['language'] ?? 'en';

interface LabText {
  id: string;
  text: string;
  language: string;
}

/** A translation is a notebook beside the English one. The user's copy is never written over. */
async function openLab(store: ContentsStore, lab: LabText): Promise<{ path: string; created: boolean }> {
  const path = `labs/${lab.id}${lab.language === 'en' ? '' : `.${lab.language}`}.ipynb`;
  await makeFolders(store, path);
  if (await store.exists(path)) return { path, created: false };
  const content = labNotebook(lab.text, lab);
  await store.save(path, { type: 'notebook', format: 'json', content, chunk: undefined });
  return { path, created: true };
}

/** One by one through the store, which refuses to leave the notebook folder by a link. */
async function makeFolders(store: ContentsStore, path: string): Promise<void> {
  const names = path.split('/').slice(0, -1);
  for (let count = 1; count <= names.length; count++) {
    const folder = names.slice(0, count).join('/');
    await store.save(folder, { type: 'directory', format: null, content: null, chunk: undefined });
  }
}
