/**
 * Builds what a real Kubernetes node is made of from the published Go modules that `components/go.mod` pins: the control
 * plane and kubelet (one executable), containerd with its shim and ctr, runc, CNI plugins, kubeadm. Needs Go and a C
 * compiler with libseccomp's headers; takes about eight minutes on two cores, once.
 */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buildFolder } from '../../bpf/image/cache.mjs';
import { goBuildId, runGoBuilds } from './go-build.mjs';

const source = join(import.meta.dirname, 'components');
const kubernetesVersion = '1.37.2';
const runcVersion = '1.5.2';
const stamp = 'k8s.io/component-base/version';
const strip = '-s -w';

/** What runs under the names of the one executable. */
const componentNames = /** @type {const} */ ([
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubelet',
  'kubectl'
]);

/**
 * @param {{ cache: string, progress: import('../../bpf/image/progress.mjs').Progress }} options - cache: its root
 * @returns {Promise<string>} folder with `kubernetes` and a link to it by each of componentNames, `containerd`,
 *   `containerd-shim-runc-v2`, `ctr`, `runc`, `kubeadm`, and `cni/`
 */
export async function buildComponents({ cache, progress }) {
  const place = join(cache, 'testbed', `components-${await goBuildId(source, builds(''))}`);
  const step = progress.step('Kubernetes');
  const built = await buildFolder(place, folder => build(folder, text => step.update(text)));
  if (built) step.done(`${kubernetesVersion} from its Go modules`);
  else step.cached(kubernetesVersion);
  return place;
}

/**
 * @param {string} folder
 * @param {(text: string) => void} say
 */
async function build(folder, say) {
  await runGoBuilds(source, builds(folder), say);
  for (const name of componentNames) symlinkSync('kubernetes', join(folder, name));
}

/**
 * @param {string} folder
 * @returns {import('./go-build.mjs').GoBuild[]}
 */
function builds(folder) {
  const [major, minor] = kubernetesVersion.split('.');
  const version = [
    ['gitVersion', `v${kubernetesVersion}`],
    ['gitMajor', major],
    ['gitMinor', minor],
    ['gitTreeState', 'clean'],
    ['gitCommit', '0'.repeat(40)]
  ].map(([name, value]) => `-X ${stamp}.${name}=${value}`);
  const kubernetes = [strip, ...version].join(' ');
  const pure = { CGO_ENABLED: '0' };
  const containerd = ['containerd', 'containerd-shim-runc-v2', 'ctr'];
  const plugins = ['main/bridge', 'main/loopback', 'ipam/host-local', 'meta/portmap'];
  return [
    [
      'containerd',
      pure,
      [
        ...['-ldflags', strip, '-tags', 'no_btrfs no_devmapper no_zfs', '-o', `${folder}/`],
        ...containerd.map(name => `github.com/containerd/containerd/v2/cmd/${name}`)
      ]
    ],
    [
      'CNI plugins',
      pure,
      [
        ...['-ldflags', strip, '-o', `${folder}/cni/`],
        ...plugins.map(name => `github.com/containernetworking/plugins/plugins/${name}`)
      ]
    ],
    [
      'runc',
      { CGO_ENABLED: '1' },
      [
        // Without the seccomp tag every pod that is not privileged fails at its sandbox.
        ...['-tags', 'netgo osusergo seccomp', '-o', join(folder, 'runc')],
        ...['-ldflags', `${strip} -linkmode external -extldflags -static -X main.version=${runcVersion}`],
        'github.com/opencontainers/runc'
      ]
    ],
    ['kubeadm', pure, ['-ldflags', kubernetes, '-o', join(folder, 'kubeadm'), 'k8s.io/kubernetes/cmd/kubeadm']],
    ['the control plane and kubelet', pure, ['-ldflags', kubernetes, '-o', join(folder, 'kubernetes'), '.']]
  ];
}
