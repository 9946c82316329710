/** Programs of the tools image: run by the image's own loader, and bubblewrap with another root around a program. */
import { join } from 'node:path';
import { runCommand } from './run-command.mjs';

/** @typedef {import('./run-command.mjs').RunOptions} RunOptions */

/**
 * The words before a tool's own parameters. The tools image is made for x86-64.
 *
 * @param {string} root - of the tools image
 * @param {string} program - path in it, such as "usr/bin/zstd"
 */
function toolCommand(root, program) {
  return [
    join(root, 'lib64/ld-linux-x86-64.so.2'),
    '--library-path',
    join(root, 'usr/lib/x86_64-linux-gnu'),
    join(root, program)
  ];
}

/**
 * @param {string} root - of the tools image
 * @param {string} program - path in it
 * @param {string[]} parameters
 * @param {RunOptions} [options]
 */
export function runTool(root, program, parameters, options = {}) {
  const [loader = '', ...words] = toolCommand(root, program);
  return runCommand(loader, [...words, ...parameters], { what: program.split('/').at(-1) ?? program, ...options });
}

/**
 * Runs a command with `image` as its root, no network, no other file of the host than the binds.
 *
 * @param {string} toolsRoot
 * @param {{ image: string, writable?: boolean, binds?: Record<string, string>, readOnly?: Record<string, string>, cwd?: string }} place
 *   binds and readOnly: host path to path inside
 * @param {string[]} command
 * @param {RunOptions} [options]
 */
export function runInImage(toolsRoot, place, command, options = {}) {
  const flags = ['--unshare-all', '--die-with-parent', '--new-session', '--clearenv'];
  const environment = { PATH: '/usr/sbin:/usr/bin', HOME: '/tmp', LANG: 'C.UTF-8' };
  for (const [name, value] of Object.entries(environment)) flags.push('--setenv', name, value);
  flags.push(place.writable ? '--bind' : '--ro-bind', place.image, '/');
  flags.push('--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp');
  for (const [from, to] of Object.entries(place.readOnly ?? {})) flags.push('--ro-bind', from, to);
  for (const [from, to] of Object.entries(place.binds ?? {})) flags.push('--bind', from, to);
  flags.push('--chdir', place.cwd ?? '/');
  return runTool(toolsRoot, 'usr/bin/bwrap', [...flags, '--', ...command], { what: command[0] ?? '', ...options });
}
