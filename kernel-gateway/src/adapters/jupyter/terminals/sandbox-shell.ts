import { posix } from 'node:path';
import { sandboxArgv, type SandboxImages } from '../../toolchain/sandbox.js';
import type { ShellProcess, TerminalSize } from '../lab-services.js';
import { openPtyShell } from './pty-shell.js';

/** Where the notebook folder is seen inside. */
const NOTEBOOKS = '/notebooks';

/** A shell with the lab image's tools and the notebook folder, and nothing else of this machine. */
export interface SandboxShellOptions {
  images: SandboxImages;
  /** Absolute folder, writable inside. */
  notebookDir: string;
  /** Where to start, relative to it. */
  cwd: string;
  size: TerminalSize;
}

/**
 * Opens a shell in the compile sandbox.
 *
 * @throws LabError BPFLAB_TERMINAL_START
 */
export function openSandboxShell({ images, notebookDir, cwd, size }: SandboxShellOptions): Promise<ShellProcess> {
  const start = posix.join(NOTEBOOKS, cwd);
  const { file, args } = sandboxArgv(images, {
    mounts: [{ from: notebookDir, to: NOTEBOOKS, writable: true }],
    env: { TERM: 'xterm-256color', PS1: '\\[\\e[32m\\]lab\\[\\e[0m\\]:\\w\\$ ' },
    argv: ['/usr/bin/env', '-C', start, '/bin/bash', '--noprofile']
  });
  return openPtyShell({ file, args: withTerminal(args), cwd: notebookDir, env: { TERM: 'xterm-256color' }, size });
}

/**
 * The sandbox's own session is taken away, which would have no controlling terminal, and so no Ctrl-C: the terminal here is
 * made for this shell alone, so there is nobody whose input it could forge. /proc is that of its own process namespace.
 */
function withTerminal(args: string[]): string[] {
  return args.flatMap(argument => (argument === '--new-session' ? ['--proc', '/proc'] : [argument]));
}
