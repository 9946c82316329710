/**
 * A Docker engine of Debian's packages in network and mount namespaces of its own, with nothing in it but loopback: what it
 * starts reaches nothing, and all of it goes with it. Its sockets, images and containers are below one folder.
 */
import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildFolder, hashOf } from '../../bpf/image/cache.mjs';
import { packageKey } from '../../bpf/image/install-context.mjs';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { unpackPackages } from '../../bpf/image/unpack.mjs';
import { removeGroups } from '../testbed/end-cluster.mjs';
import { keepMachineSettings, restoreMachineSettings } from '../testbed/machine-settings.mjs';
import { endProcesses, runningProcesses, startProcess, waitUntil } from '../testbed/processes.mjs';
import { enginePackages } from './packages.mjs';

const READY_MS = 60_000;
const GRACE_MS = 20_000;

/** Name of its network namespace and of its control groups. */
const name = 'bpftestkind';

/** How to use it. @typedef {{ namespace: string, socket: string, state: string }} Engine */

/** @param {string} state - folder of everything that it writes @returns {Engine} */
export const engineOf = state => ({ namespace: `/run/netns/${name}`, socket: join(state, 'docker.sock'), state });

/**
 * @param {import('../../bpf/image/install-context.mjs').InstallContext} context
 * @returns {Promise<string>} folder with `dockerd`, `docker` and what they start
 */
export async function provideDocker(context) {
  const step = context.progress.step('Docker');
  const keep = (/** @type {string} */ package_) => enginePackages.includes(package_);
  const packages = await context.providePackages('docker', enginePackages, step, { keep });
  const place = join(context.cache, 'testbed', `docker-${hashOf(packageKey(packages))}`);
  const built = await buildFolder(place, folder => unpackPackages(join(folder, 'root'), context.pool, packages));
  (built ? step.done : step.cached)(packages.find(one => one.name === 'docker.io')?.version ?? '');
  return place;
}

/**
 * @param {Engine} engine
 * @param {{ docker: string, programs: string }} folders - those that provideDocker and buildComponents made
 */
export async function startEngine({ state, namespace, socket }, { docker, programs }) {
  mkdirSync(state, { recursive: true, mode: 0o700 });
  keepMachineSettings(state);
  if (!existsSync(namespace)) await runCommand('ip', ['netns', 'add', name]);
  await runCommand('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  const log = join(state, 'log/dockerd.log');
  startProcess(state, {
    name: 'dockerd',
    command: 'nsenter',
    words: [
      ...[`--net=${namespace}`, 'unshare', '--mount', '--', join(docker, 'root/usr/sbin/dockerd')],
      ...['--host', `unix://${socket}`, '--data-root', join(state, 'data'), '--exec-root', join(state, 'exec')],
      ...['--pidfile', join(state, 'docker.pid'), '--bridge', 'none', '--cgroup-parent', `/${name}`],
      ...['--userland-proxy-path', join(docker, 'root/usr/sbin/docker-proxy')]
    ],
    env: {
      PATH: [
        programs,
        ...['sbin', 'bin'].map(part => join(docker, 'root/usr', part)),
        process.env['PATH'],
        '/usr/sbin',
        '/sbin'
      ].join(':')
    }
  });
  await waitUntil({ what: 'The Docker engine', timeoutMs: READY_MS, log }, async () => {
    await runCommand(join(docker, 'root/usr/bin/docker'), ['--host', `unix://${socket}`, 'version']);
    return true;
  });
}

/**
 * Ends it with all its containers, and removes all that it made; also what a killed one left.
 *
 * @param {Engine} engine
 * @param {string} docker - folder that provideDocker made
 */
export async function endEngine({ state, namespace, socket }, docker) {
  const docker_ = (/** @type {string[]} */ ...words) =>
    runCommand(join(docker, 'root/usr/bin/docker'), ['--host', `unix://${socket}`, ...words]);
  if (runningProcesses(state).has('dockerd')) {
    const said = await docker_('ps', '--all', '--quiet').catch(() => Buffer.from(''));
    const containers = said.toString().split('\n').filter(Boolean);
    if (containers.length > 0) await docker_('rm', '--force', '--volumes', ...containers).catch(() => undefined);
  }
  await endProcesses(state, { wanted: () => true, graceMs: GRACE_MS });
  for (const pid of processesIn(namespace)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  await removeGroups(name);
  if (existsSync(namespace)) await runCommand('ip', ['netns', 'del', name]);
  restoreMachineSettings(state);
  rmSync(state, { recursive: true, force: true, maxRetries: 5 });
}

/** Processes in a network namespace of ours: what the engine started and did not end. */
function processesIn(/** @type {string} */ namespace) {
  if (!existsSync(namespace)) return [];
  const inode = statSync(namespace).ino;
  return readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter(pid => {
      try {
        return readlinkSync(`/proc/${pid}/ns/net`) === `net:[${inode}]`;
      } catch {
        return false;
      }
    })
    .map(Number);
}
