/** Programs of the lab image, run on this machine's own kernel: the side "by hand" of the comparisons. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/**
 * Words that run a program with the lab image as its root, this machine's processes and kernel around it, all
 * capabilities of root, and `folder` as its working directory /work.
 *
 * @param {{ tools: { root: string }, lab: { root: string } }} installed
 * @param {string} folder
 * @returns {string[]}
 */
export function inLabImage({ tools, lab }, folder) {
  return [
    path.join(tools.root, 'lib64/ld-linux-x86-64.so.2'),
    '--library-path',
    path.join(tools.root, 'usr/lib/x86_64-linux-gnu'),
    path.join(tools.root, 'usr/bin/bwrap'),
    ...['--cap-add', 'ALL', '--ro-bind', lab.root, '/', '--dev-bind', '/dev', '/dev'],
    ...['--dev-bind', '/sys', '/sys', '--dev-bind', '/proc', '/proc', '--tmpfs', '/tmp'],
    ...['--bind', folder, '/mnt', '--chdir', '/mnt', '--die-with-parent', '--']
  ];
}

/**
 * Runs it and gives its output.
 *
 * @param {string[]} words
 * @returns {Promise<{ stdout: string, stderr: string, ms: number }>}
 */
export async function runWords([file = '', ...args]) {
  const startedAt = performance.now();
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: '/usr/sbin:/usr/bin' } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', text => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', text => (stderr += text));
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${file} ${args.slice(-3).join(' ')} ended with ${status}: ${stderr}`);
  return { stdout, stderr, ms: performance.now() - startedAt };
}

/**
 * Starts a shell script that goes on until it is killed.
 *
 * @param {string[]} words - of `inLabImage`
 * @param {string} script - name of a file in its folder
 * @param {{ terminal: boolean }} how - terminal: its output is a pseudo-terminal, as a person's is
 * @returns {{ onText(listener: (text: string) => void): void, kill(): Promise<void> }}
 */
export function startScript(words, script, { terminal }) {
  const [file = '', ...args] = terminal
    ? [...words, '/usr/bin/socat', '-u', `EXEC:/bin/bash ${script},pty,setsid,stderr`, 'STDOUT']
    : [...words, '/bin/bash', script];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: '/usr/sbin:/usr/bin' } });
  const ended = new Promise(resolve => child.once('close', resolve));
  child.stdout.setEncoding('utf8');
  return {
    onText: listener => void child.stdout.on('data', listener),
    kill: async () => {
      child.kill('SIGKILL');
      child.stdout.resume();
      await ended;
    }
  };
}
