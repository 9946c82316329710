import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { kubectl } from './control-plane.mjs';
import { groupHierarchies } from './node.mjs';
import { restoreMachineSettings } from './machine-settings.mjs';
import { endProcesses, runningProcesses } from './processes.mjs';

const GRACE_MS = 4000;
const MAX_NODES = 9;

const quietly = async (/** @type {string} */ command, /** @type {string[]} */ words) => {
  await runCommand(command, words).catch(() => undefined);
};

/** Folders of a control group and of all below it, the deepest first. */
function groupFolders(/** @type {string} */ folder) {
  /** @type {string[]} */
  const below = readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(entry => groupFolders(join(folder, entry.name)));
  return [...below, folder];
}

/** Kills what is in a control group of a node, and removes it. Only processes of the cluster's pods are in there. */
async function emptyGroup(/** @type {string} */ folder) {
  if (!existsSync(folder)) return;
  for (let round = 0; round < 20; round++) {
    const pids = groupFolders(folder).flatMap(group =>
      readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
    );
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself meanwhile.
      }
    }
    if (pids.length === 0) break;
    await delay(50);
  }
  for (const group of groupFolders(folder)) rmdirSync(group);
}

/**
 * Ends all that runs in the control groups of a name, in every hierarchy, and removes them.
 *
 * @param {string} name - below each hierarchy's root
 */
export async function removeGroups(name) {
  for (const hierarchy of groupHierarchies()) await emptyGroup(join(hierarchy, name));
}

/**
 * Ends a test cluster and removes all that it made: pods, processes, control groups, namespaces, interfaces, routes,
 * files. Also one that was only half made.
 *
 * @param {import('./layout.mjs').Layout} layout
 */
export async function endCluster(layout) {
  const { state, name } = layout;
  if (runningProcesses(state).has('kube-apiserver'))
    await kubectl(layout, [
      ...['delete', 'pods,daemonsets,deployments', '--all', '--all-namespaces'],
      ...['--grace-period=0', '--force', '--wait=false', '--timeout=10s']
    ]).catch(() => undefined);
  const isNode = (/** @type {string} */ process) => process.startsWith('node');
  const shims = shimsOf(state);
  await endProcesses(state, { wanted: isNode, graceMs: GRACE_MS });
  for (const pid of shims) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended with its pod.
    }
  }
  await endProcesses(state, { wanted: process => !isNode(process), graceMs: GRACE_MS });
  for (let number = 1; number <= MAX_NODES; number++) {
    await removeGroups(`${name}-${number}`);
    if (existsSync(`/run/netns/${name}-${number}`)) await quietly('ip', ['netns', 'del', `${name}-${number}`]);
    if (existsSync(`/sys/class/net/${name}-${number}`)) await quietly('ip', ['link', 'del', `${name}-${number}`]);
  }
  if (existsSync(`/sys/class/net/${layout.bridge}`)) await quietly('ip', ['link', 'del', layout.bridge]);
  for (const range of [layout.podRange, layout.serviceRange])
    await quietly('ip', ['route', 'del', 'unreachable', range]);
  restoreMachineSettings(state);
  rmSync(state, { recursive: true, force: true, maxRetries: 5 });
}

/** Shims of containerd that run in a mount namespace of one of our nodes: they outlive containerd by design. */
function shimsOf(/** @type {string} */ state) {
  const namespaces = new Set(
    [...runningProcesses(state)].filter(([name]) => name.startsWith('node')).map(([, pid]) => networkOf(pid))
  );
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => commandOf(pid) === 'containerd-shim' && namespaces.has(networkOf(pid)));
}

function commandOf(/** @type {number} */ pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

function networkOf(/** @type {number} */ pid) {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return '';
  }
}
