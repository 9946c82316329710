import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** A course that was imported into the notebook folder. */
export interface ICourse {
  title: string;
  repository: string;
  /** In their order; `path` is the notebook's in the file browser. */
  lessons: { id: string; title: string; group: string; path: string }[];
}

/** What the server says of an import, a line each. */
export type ImportLine =
  | { type: 'progress'; done: number; total: number; lesson: string }
  | { type: 'done'; folder: string; lessons: number; kept: string[]; refused: string[] }
  | { type: 'error'; code: string; message: string; hint: string };

async function request(route: string, init: RequestInit): Promise<Response> {
  const settings = ServerConnection.makeSettings();
  const url = URLExt.join(settings.baseUrl, 'bpflab/api', route);
  const response = await ServerConnection.makeRequest(url, init, settings);
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
  return response;
}

/** The courses of the notebook folder, titles of notebooks in `language` where there are any. */
export async function listCourses(language: string): Promise<ICourse[]> {
  const response = await request(`lessons${URLExt.objectToQueryString({ language })}`, { method: 'GET' });
  return ((await response.json()) as { courses: ICourse[] }).courses;
}

/** A program of a lesson, and what is said of where it runs; `verdicts`: the target's own kernel first, then others until one runs it. */
export interface IJudgedProgram {
  name: string;
  preflight: string;
  verdicts: { kernel: string; runs: boolean; reason: string }[];
}

/** Where the programs of a lesson run, said before anything is loaded. `program`: only that of this name, where there is one. */
export async function judgeLesson(
  lesson: { path: string; program: string; target: string; kernel: string },
  signal: AbortSignal
): Promise<IJudgedProgram[]> {
  const response = await request(`lessons/preflight${URLExt.objectToQueryString(lesson)}`, { method: 'GET', signal });
  return ((await response.json()) as { programs: IJudgedProgram[] }).programs;
}

/** Imports a repository on the server; gives what it says as it comes. */
export async function* importLessons(source: string, language: string): AsyncGenerator<ImportLine> {
  const body = JSON.stringify({ source, language: language.startsWith('zh') ? 'both' : 'en' });
  const response = await request('lessons/import', { method: 'POST', body });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = '';
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    const lines = (waiting + part.value).split('\n');
    waiting = lines.pop() ?? '';
    for (const line of lines) {
      yield JSON.parse(line) as ImportLine;
    }
  }
}
