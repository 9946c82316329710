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
 * @typedef {object} SandboxPlace
 * @property {string} image - root file system
 * @property {boolean} [writable] - the image itself may be changed
 * @property {Record<string, string>} [binds] - host path to path inside, writable
 * @property {Record<string, string>} [readOnly] - likewise, read-only
 * @property {string} [cwd]
 * @property {boolean} [privileged] - for root only: keeps capabilities, processes, devices, network and /sys of the host
 */

/**
 * The words that run a command with `image` as its root: no network, no other file of the host than the binds.
 *
 * @param {string} toolsRoot
 * @param {SandboxPlace} place
 * @param {string[]} command
 */
export function sandboxCommand(toolsRoot, place, command) {
  const isolation = place.privileged ? ['--cap-add', 'ALL'] : ['--unshare-all', '--new-session'];
  const flags = [...isolation, '--die-with-parent', '--clearenv'];
  const environment = { PATH: '/usr/sbin:/usr/bin', HOME: '/tmp', LANG: 'C.UTF-8' };
  for (const [name, value] of Object.entries(environment)) flags.push('--setenv', name, value);
  flags.push(place.writable ? '--bind' : '--ro-bind', place.image, '/');
  flags.push(
    '--proc',
    '/proc',
    ...(place.privileged ? ['--dev-bind', '/dev', '/dev', '--bind', '/sys', '/sys'] : ['--dev', '/dev'])
  );
  flags.push('--tmpfs', '/tmp', '--tmpfs', '/run');
  for (const [from, to] of Object.entries(place.readOnly ?? {})) flags.push('--ro-bind', from, to);
  for (const [from, to] of Object.entries(place.binds ?? {})) flags.push('--bind', from, to);
  flags.push('--chdir', place.cwd ?? '/');
  return [...toolCommand(toolsRoot, 'usr/bin/bwrap'), ...flags, '--', ...command];
}

/**
 * Runs a command in an image and gives its stdout.
 *
 * @param {string} toolsRoot
 * @param {SandboxPlace} place
 * @param {string[]} command
 * @param {RunOptions} [options]
 */
export function runInImage(toolsRoot, place, command, options = {}) {
  const [loader = '', ...words] = sandboxCommand(toolsRoot, place, command);
  return runCommand(loader, words, { what: command[0] ?? '', ...options });
}
