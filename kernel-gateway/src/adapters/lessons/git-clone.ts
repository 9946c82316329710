import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { LabError } from '../../protocol/index.js';
import { makeOwnFolder } from '../install/own-folder.js';

const run = promisify(execFile);
const CLONE_TIMEOUT_MS = 600_000;
const ASK_TIMEOUT_MS = 10_000;

/** Forms of an address that git is given; others, such as `ext::`, could run commands. */
const ADDRESS = /^(https?|ssh|git|file):\/\/[^\s]+$|^[\w.-]+@[\w.-]+:[\w./~-]+$/;

/** Whether a text is a git address rather than a folder. */
export const isGitAddress = (text: string): boolean => ADDRESS.test(text);

/** Name of the folder that `git clone` would make. */
export const repositoryName = (source: string): string =>
  basename(source.replace(/\/+$/, '').replace(/\.git$/, '')).replace(/[^\w.-]/g, '_') || 'lessons';

const env = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: 'true' };

/**
 * A shallow clone in a folder of its own; `dispose` removes it.
 *
 * @throws LabError BPFLAB_LESSONS_SOURCE with what git says
 */
export async function cloneRepository(address: string): Promise<{ folder: string; dispose: () => Promise<void> }> {
  const home = await makeOwnFolder('lessons');
  const folder = join(home, repositoryName(address));
  const dispose = (): Promise<void> => rm(home, { recursive: true, force: true });
  try {
    const args = ['clone', '--quiet', '--depth', '1', '--no-tags', '--', address, folder];
    await run('git', args, { timeout: CLONE_TIMEOUT_MS, env });
    return { folder, dispose };
  } catch (cause) {
    await dispose();
    const said = (cause as { stderr?: string }).stderr ?? '';
    const reason = said.trim().split('\n').at(-1) ?? '';
    throw new LabError(
      'BPFLAB_LESSONS_SOURCE',
      `"${address}" was not cloned — ${reason || (cause as Error).message}.`,
      {
        details: said,
        cause
      }
    );
  }
}

/** Commit and address of a clone; null and empty where there is no commit, no remote or no git. */
export async function gitFacts(folder: string): Promise<{ commit: string | null; remote: string }> {
  const ask = async (...args: string[]): Promise<string> =>
    run('git', ['-C', folder, ...args], { timeout: ASK_TIMEOUT_MS, env }).then(
      ({ stdout }) => stdout.trim(),
      () => ''
    );
  const [commit, remote] = await Promise.all([ask('rev-parse', 'HEAD'), ask('remote', 'get-url', 'origin')]);
  return { commit: /^[0-9a-f]{40,64}$/.test(commit) ? commit : null, remote: withoutPassword(remote) };
}

/** An address goes into notebooks: what was given to log in with does not. */
const withoutPassword = (address: string): string => address.replace(/^(\w+:\/\/)[^@/]*@/, '$1');
