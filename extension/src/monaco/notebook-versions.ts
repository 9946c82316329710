import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** Name of an earlier version of a notebook, as the server has them. */
export type VersionName = 'saved' | 'checkpoint' | 'head' | 'lesson';

interface IVersionCell {
  id?: string;
  cell_type: string;
  source: string | string[];
}

async function get(path: string, query: Record<string, string>): Promise<unknown> {
  const settings = ServerConnection.makeSettings();
  const url = URLExt.join(settings.baseUrl, 'bpflab/api/versions', URLExt.encodeParts(path));
  const response = await ServerConnection.makeRequest(url + URLExt.objectToQueryString(query), {}, settings);
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
  return response.json();
}

/** Versions that there are of a notebook; none on a server that keeps none. */
export async function listVersions(path: string): Promise<VersionName[]> {
  const { versions } = (await get(path, {})) as { versions: VersionName[] };
  return versions;
}

/** Texts of a version's cells by id, and in order. */
export async function readVersion(path: string, version: VersionName): Promise<{ id: string; text: string }[]> {
  const { cells } = (await get(path, { version })) as { cells: IVersionCell[] };
  return cells.map(({ id, source }) => ({ id: id ?? '', text: Array.isArray(source) ? source.join('') : source }));
}
