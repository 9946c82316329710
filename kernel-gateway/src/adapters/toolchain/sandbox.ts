/**
 * The compile sandbox: bubblewrap out of the tools image, run by that image's own loader, so that nothing is installed on
 * the host. Inside there is the lab image's /usr read-only, an empty /tmp, what is mounted, and no network, no /proc, no
 * other process. Only what fetches, and runs nothing of what it has fetched, is given the host's network.
 */
import { join } from 'node:path';

/** Root folders of the unpacked images. */
export interface SandboxImages {
  tools: string;
  lab: string;
}

/** A host path and where it is seen inside. */
export interface SandboxMount {
  from: string;
  to: string;
  writable?: boolean;
}

/** What runs inside. `env` is all of its environment but PATH, HOME and LANG. */
export interface SandboxCommand {
  mounts: SandboxMount[];
  env?: Record<string, string>;
  /** The host's network, with its names, certificates and proxies. */
  network?: boolean;
  /** Folder inside; the root without it. */
  chdir?: string;
  argv: string[];
}

const LIBRARY_PATHS = ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu', 'usr/lib'];
const LOADERS: Record<string, string> = { x64: 'lib64/ld-linux-x86-64.so.2', arm64: 'lib/ld-linux-aarch64.so.1' };
/** What finds hosts and proves who they are; Debian's and Fedora's places. */
const NETWORK_FILES = ['/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf', '/etc/ssl', '/etc/pki'];
const NETWORK_VARIABLES = /^((https?|no|all)_proxy|SSL_CERT_(FILE|DIR)|CARGO_HTTP_\w+)$/i;
const TMP_BYTES = 256 * 1024 * 1024;

/** Program and arguments to spawn on the host, with an empty environment. */
export function sandboxArgv(images: SandboxImages, command: SandboxCommand): { file: string; args: string[] } {
  const { tools, lab } = images;
  const { network = false } = command;
  const env = {
    ...{ PATH: '/usr/bin:/usr/sbin', HOME: '/tmp', LANG: 'C.UTF-8' },
    ...(network ? networkVariables() : {}),
    ...command.env
  };
  const args = [
    ...['--library-path', LIBRARY_PATHS.map(path => join(tools, path)).join(':'), join(tools, 'usr/bin/bwrap')],
    ...[
      '--unshare-all',
      ...(network ? ['--share-net'] : []),
      '--die-with-parent',
      '--new-session',
      '--cap-drop',
      'ALL',
      '--clearenv'
    ],
    ...['--ro-bind', join(lab, 'usr'), '/usr'],
    ...['bin', 'sbin', 'lib', 'lib64'].flatMap(name => ['--symlink', `usr/${name}`, `/${name}`]),
    ...['ld.so.cache', 'alternatives'].flatMap(name => ['--ro-bind-try', join(lab, 'etc', name), `/etc/${name}`]),
    ...(network ? NETWORK_FILES : []).flatMap(path => ['--ro-bind-try', path, path]),
    ...['--dev', '/dev', '--size', String(TMP_BYTES), '--tmpfs', '/tmp'],
    ...command.mounts.flatMap(mount => [mount.writable ? '--bind' : '--ro-bind', mount.from, mount.to]),
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', command.chdir ?? '/', '--', ...command.argv]
  ];
  return { file: join(tools, LOADERS[process.arch] ?? LOADERS['x64'] ?? ''), args };
}

const networkVariables = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && NETWORK_VARIABLES.test(name) ? [[name, value]] : []
    )
  );
