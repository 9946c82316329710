import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { REPLAYS_PATH, type PlayerCommand, type PlayerState } from 'kernel-gateway/protocol';

async function request(path: string, body: unknown): Promise<unknown> {
  const settings = ServerConnection.makeSettings();
  const url = URLExt.join(settings.baseUrl, REPLAYS_PATH, path);
  const init = body === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(body) };
  const response = await ServerConnection.makeRequest(url, init, settings);
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
  return response.json();
}

/** The notebook of a recording; both paths are below the notebook folder. */
export async function openRecording(path: string): Promise<string> {
  return ((await request('', { path })) as { path: string }).path;
}

/** How the player of a kernel stands. */
export async function readPlayer(kernel: string): Promise<PlayerState> {
  return (await request(kernel, undefined)) as PlayerState;
}

/** Asks the player of a kernel for something; gives how it stands when that is done. */
export async function askPlayer(kernel: string, command: PlayerCommand): Promise<PlayerState> {
  return (await request(kernel, command)) as PlayerState;
}
