/** One node: kubelet, containerd and kube-proxy in a network and mount namespace of their own. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { writeKubeconfig } from './kubeconfig.mjs';
import { kubectl } from './control-plane.mjs';
import { startProcess, waitUntil } from './processes.mjs';

const READY_MS = 60_000;
const groups = '/sys/fs/cgroup';
/** Plugins of containerd that need what a test node lacks, or do nothing there. */
const disabledPlugins = [
  ...['snapshotter.v1.btrfs', 'snapshotter.v1.zfs', 'snapshotter.v1.devmapper', 'snapshotter.v1.blockfile'],
  ...['snapshotter.v1.erofs', 'nri.v1.nri', 'tracing.processor.v1.otlp', 'internal.v1.tracing']
].map(name => `io.containerd.${name}`);

const ip = (/** @type {string[]} */ words) => runCommand('ip', words, { what: `ip ${words.slice(0, 3).join(' ')}` });

/** Folders of every control group hierarchy of this machine, v1 and v2. */
export function groupHierarchies() {
  if (existsSync(join(groups, 'cgroup.controllers'))) return [groups];
  return readdirSync(groups).map(name => join(groups, name));
}

/**
 * The bridge between the nodes and the control plane. Nothing for a pod or service may ever leave by another way.
 *
 * @param {import('./layout.mjs').Layout} layout
 */
export async function makeNetwork({ bridge, address, podRange, serviceRange }) {
  await ip(['link', 'add', bridge, 'type', 'bridge']);
  await ip(['addr', 'add', `${address}/24`, 'dev', bridge]);
  await ip(['link', 'set', bridge, 'up']);
  for (const range of [podRange, serviceRange]) await ip(['route', 'add', 'unreachable', range]);
}

/**
 * @param {import('./layout.mjs').Layout} layout
 * @param {import('./layout.mjs').NodeLayout} node
 * @param {import('./layout.mjs').NodeLayout[]} others
 */
async function connectNode(layout, node, others) {
  await ip(['netns', 'add', node.namespace]);
  const inside = (/** @type {string[]} */ words) => ip(['-n', node.namespace, ...words]);
  await ip(['link', 'add', node.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', node.namespace]);
  await ip(['link', 'set', node.link, 'master', layout.bridge, 'up']);
  await inside(['link', 'set', 'lo', 'up']);
  await inside(['addr', 'add', `${node.address}/24`, 'dev', 'eth0']);
  await inside(['link', 'set', 'eth0', 'up']);
  // No default route: what is not the cluster's cannot be reached.
  await inside(['route', 'add', layout.serviceRange, 'via', layout.address]);
  for (const other of others) await inside(['route', 'add', other.podRange, 'via', other.address]);
  await ip(['route', 'add', node.podRange, 'via', node.address]);
}

function makeGroups(/** @type {string} */ group) {
  for (const hierarchy of groupHierarchies()) {
    mkdirSync(join(hierarchy, group), { recursive: true });
    // Of v1: a new group of cpuset has none, and then takes no process.
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      if (hierarchy.endsWith('/cpuset'))
        writeFileSync(join(hierarchy, group, file), readFileSync(join(hierarchy, file), 'utf8'));
  }
}

/**
 * Writes what containerd, kubelet, kube-proxy and the pods' network of a node read, into its folder.
 *
 * @param {import('./layout.mjs').Layout} layout
 * @param {import('./layout.mjs').NodeLayout} node
 */
export function writeConfiguration(layout, node) {
  const { folder, podRange } = node;
  for (const name of ['root', 'kubelet', 'pods', 'containers', 'cni', 'addresses', 'plugins'])
    mkdirSync(join(folder, name), { recursive: true });
  const isV1 = !existsSync(join(groups, 'cgroup.controllers'));
  writeFileSync(
    join(folder, 'cni/10-bridge.conflist'),
    JSON.stringify({
      cniVersion: '1.0.0',
      name: 'pods',
      plugins: [
        {
          ...{ type: 'bridge', bridge: 'pods0', isGateway: true, ipMasq: false, hairpinMode: true },
          ipam: {
            type: 'host-local',
            ranges: [[{ subnet: podRange }]],
            routes: [{ dst: '0.0.0.0/0' }],
            dataDir: join(folder, 'addresses')
          }
        },
        { type: 'portmap', capabilities: { portMappings: true } }
      ]
    })
  );
  writeFileSync(join(folder, 'containerd.toml'), containerdConfiguration(layout, node));
  writeFileSync(
    join(folder, 'kubelet.json'),
    JSON.stringify({
      ...{ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' },
      ...{ address: node.address, port: 10_250, healthzPort: 10_248, readOnlyPort: 0 },
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: join(layout.state, 'pki/ca.crt') }
      },
      authorization: { mode: 'Webhook' },
      containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
      ...{ cgroupDriver: 'cgroupfs', cgroupRoot: `/${node.group}`, ...(isV1 ? { failCgroupV1: false } : {}) },
      ...{ failSwapOn: false, enforceNodeAllocatable: ['pods'] },
      tlsCertFile: join(layout.state, `pki/${node.name}.crt`),
      tlsPrivateKeyFile: join(layout.state, `pki/${node.name}.key`),
      evictionHard: {
        ...{ 'memory.available': '100Mi', 'nodefs.available': '1%' },
        ...{ 'imagefs.available': '1%', 'nodefs.inodesFree': '1%' }
      },
      ...{ imageGCHighThresholdPercent: 100, nodeStatusUpdateFrequency: '2s' },
      volumePluginDir: join(folder, 'plugins')
    })
  );
  writeFileSync(
    join(folder, 'proxy.json'),
    JSON.stringify({
      ...{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' },
      clientConnection: { kubeconfig: join(layout.state, 'proxy.conf') },
      ...{ hostnameOverride: node.name, clusterCIDR: layout.podRange, mode: 'iptables' },
      conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
      ...{ healthzBindAddress: '127.0.0.1:10256', metricsBindAddress: '127.0.0.1:10249' }
    })
  );
}

/**
 * @param {import('./layout.mjs').Layout} layout
 * @param {import('./layout.mjs').NodeLayout} node
 */
function containerdConfiguration({ programs }, { folder }) {
  const quoted = (/** @type {string} */ text) => JSON.stringify(text);
  return `version = 3
root = ${quoted(join(folder, 'root'))}
state = "/run/containerd"
disabled_plugins = ${JSON.stringify(disabledPlugins)}
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = ${quoted(join(folder, 'opt'))}
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "bpflab.test/pause:1"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  tolerate_missing_hugetlb_controller = true
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      SystemdCgroup = false
      BinaryName = ${quoted(join(programs, 'runc'))}
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = [${quoted(join(programs, 'cni'))}]
    conf_dir = ${quoted(join(folder, 'cni'))}
`;
}

/**
 * @param {import('./layout.mjs').Layout} layout
 * @param {string} name - of a node
 */
export async function isNodeReady(layout, name) {
  const path = '{.status.conditions[?(@.type=="Ready")].status}';
  return (await kubectl(layout, ['get', 'node', name, '-o', `jsonpath=${path}`])) === 'True';
}

/**
 * Starts a node, gives it the images, and waits until it is ready.
 *
 * @param {import('./layout.mjs').Layout} layout
 * @param {{ node: import('./layout.mjs').NodeLayout, others: import('./layout.mjs').NodeLayout[], images: string[] }} options -
 *   images: archives of images
 */
export async function startNode(layout, { node, others, images }) {
  await connectNode(layout, node, others);
  makeGroups(node.group);
  writeConfiguration(layout, node);
  writeKubeconfig(layout, node.name);
  const log = join(layout.state, `log/${node.name}.log`);
  startProcess(layout.state, {
    name: node.name,
    command: 'nsenter',
    words: [
      ...[`--net=/run/netns/${node.namespace}`, 'unshare', '--mount', '--', '/bin/bash'],
      ...[join(import.meta.dirname, 'run-node.sh'), node.folder, layout.programs, node.name, node.address, ...images]
    ],
    env: { KUBECONFIG: join(layout.state, `${node.name}.conf`) }
  });
  await waitUntil({ what: `Node ${node.name}`, timeoutMs: READY_MS, log }, () => isNodeReady(layout, node.name));
}
