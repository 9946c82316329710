import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** A lesson, as the gateway lists it. */
export interface ILabEntry {
  /** Path-like, such as `start/01-hello`. */
  id: string;
  title: string;
  minutes: number;
  course: string;
}

async function request(path: string, method: 'GET' | 'POST', language: string): Promise<unknown> {
  const settings = ServerConnection.makeSettings();
  const query = URLExt.objectToQueryString({ language });
  const url = URLExt.join(settings.baseUrl, 'bpflab/api/labs', path) + query;
  const response = await ServerConnection.makeRequest(url, { method }, settings);
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
  return response.json();
}

/** The lessons that this server offers, in the order of their course; titles in `language` where there are any. */
export async function listLabs(language: string): Promise<ILabEntry[]> {
  const { labs } = (await request('', 'GET', language)) as { labs: ILabEntry[] };
  return labs;
}

/** Puts a lesson into the notebook folder (the copy that is there is kept); gives its notebook's path. */
export async function openLab(id: string, language: string): Promise<string> {
  const escaped = id.split('/').map(encodeURIComponent).join('/');
  const { path } = (await request(`${escaped}/open`, 'POST', language)) as { path: string };
  return path;
}
