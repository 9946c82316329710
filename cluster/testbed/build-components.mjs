/**
 * Builds what a real Kubernetes node is made of from the published Go modules that `components/go.mod` pins: the control
 * plane and kubelet (one executable), containerd with its shim and ctr, runc, CNI plugins, kubeadm. Needs Go and a C
 * compiler with libseccomp's headers; takes about eight minutes on two cores, once.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFolder, removeTree } from '../../bpf/image/cache.mjs';
import { runCommand } from '../../bpf/image/run-command.mjs';

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

/** Name of the built folder: a hash of the sources, the pinned modules, how they are built, and the Go version. */
async function identity() {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(source, file)));
  hash.update(await runCommand('go', ['env', 'GOVERSION'], { what: 'go' }));
  hash.update(JSON.stringify(builds('')));
  return hash.digest('hex').slice(0, 16);
}

/**
 * @param {{ cache: string, progress: import('../../bpf/image/progress.mjs').Progress }} options - cache: its root
 * @returns {Promise<string>} folder with `kubernetes` and a link to it by each of componentNames, `containerd`,
 *   `containerd-shim-runc-v2`, `ctr`, `runc`, `kubeadm`, and `cni/`
 */
export async function buildComponents({ cache, progress }) {
  const place = join(cache, 'testbed', `components-${await identity()}`);
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
  // Go's cache of compiled packages grows to 5 GB and is of no use once everything is linked.
  const compiled = mkdtempSync(join(tmpdir(), 'bpflab-go-'));
  try {
    for (const [what, environment, words] of builds(folder)) {
      say(what);
      await runCommand('nice', ['go', 'build', '-trimpath', '-buildvcs=false', ...words], {
        cwd: source,
        env: { GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly', GOCACHE: compiled, ...environment },
        what: `go build of ${what}`
      });
    }
  } finally {
    removeTree(compiled);
  }
  for (const name of componentNames) symlinkSync('kubernetes', join(folder, name));
}

/**
 * @param {string} folder
 * @returns {[string, Record<string, string>, string[]][]}
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
