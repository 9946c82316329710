import { execFile } from 'node:child_process';
import { personFolder } from '../../core/team/person-folder.js';
import type { PersonCommits } from '../../core/team/weekly-report.js';
import { LabError } from '../../protocol/index.js';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** A repository's configuration must not name programs that reading it would run. */
const SAFE = ['-c', 'core.fsmonitor=false', '-c', 'core.pager=cat', '-c', 'protocol.allow=never'];

/** Name of the person who works here: JupyterHub's user, or git's; null: nobody has said it. */
export async function currentPerson(workspace: string): Promise<string | null> {
  const hub = process.env['JUPYTERHUB_USER'] ?? '';
  const name = hub !== '' ? hub : (await git(workspace, ['config', 'user.name'])).text.trim();
  return personFolder(name);
}

/** What people committed on some days, the newest first; empty where there is no repository. */
export async function commitsOf(workspace: string, days: readonly string[]): Promise<PersonCommits[]> {
  const [first = '', last = first] = [days[0], days.at(-1)];
  const range = [`--since=${first} 00:00:00`, `--until=${last} 23:59:59`];
  const { text } = await git(workspace, ['log', '--no-merges', '--format=%an%x09%s', ...range]);
  const byPerson = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [author = '', message = ''] = line.split('\t');
    const person = personFolder(author);
    if (person !== null && message !== '') byPerson.set(person, [...(byPerson.get(person) ?? []), message]);
  }
  return [...byPerson].map(([person, commits]) => ({ person, commits }));
}

/** Commits one file of the workspace as it is, and nothing else. @throws LabError BPFLAB_TEAM_COMMIT */
export async function commitFile(workspace: string, path: string, message: string): Promise<void> {
  const added = await git(workspace, ['add', '--', path]);
  const done = added.ok ? await git(workspace, ['commit', '-m', message, '--', path]) : added;
  if (!done.ok) {
    const cause = done.text.trim().split('\n').at(-1) ?? '';
    throw new LabError('BPFLAB_TEAM_COMMIT', `${path} was not committed — ${cause || 'git failed'}.`);
  }
}

function git(workspace: string, words: readonly string[]): Promise<{ ok: boolean; text: string }> {
  const options = { timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES };
  return new Promise(resolve => {
    execFile('git', ['-C', workspace, ...SAFE, ...words], options, (error, stdout, stderr) => {
      const said = error?.code === 'ENOENT' ? 'git is not installed' : `${stdout}${stderr}`;
      resolve({ ok: error === null, text: error === null ? stdout : said });
    });
  }).then(result => {
    const { ok, text } = result as { ok: boolean; text: string };
    // What fails has nothing to say to those who read.
    return ok || words[0] === 'add' || words[0] === 'commit' ? { ok, text } : { ok, text: '' };
  });
}
