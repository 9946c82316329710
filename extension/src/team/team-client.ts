import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TeamCommand, TeamDone, TeamFound, TeamState } from 'kernel-gateway/protocol';
import { gatewayWords } from '../session/gateway-words.js';

async function request(path: string, init: RequestInit): Promise<unknown> {
  const settings = ServerConnection.makeSettings();
  const url = URLExt.join(settings.baseUrl, 'bpflab/api/team', path);
  const response = await ServerConnection.makeRequest(url, init, settings);
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
  return response.json();
}

/** Who works here, everyone's progress, what could go into the log; that in the language of the page (`zh_CN`, `en` …). */
export async function readTeam(language: string): Promise<TeamState> {
  const state = (await request('', { method: 'GET' })) as TeamState;
  const say = (text: string): string => gatewayWords.say(text, language);
  const proposals = state.proposals.map(one => ({ ...one, title: say(one.title), text: say(one.text) }));
  return { ...state, proposals };
}

/** Does something with the team's files; gives those that were written. */
export async function changeTeam(command: TeamCommand): Promise<string[]> {
  const { written } = (await request('', { method: 'POST', body: JSON.stringify(command) })) as TeamDone;
  return written;
}

/** Lines of the team's files that have all words. */
export async function searchTeam(words: string): Promise<TeamFound['found']> {
  const { found } = (await request(`search${URLExt.objectToQueryString({ words })}`, { method: 'GET' })) as TeamFound;
  return found;
}
