/**
 * An image for kind's nodes without the internet: a root file system of Debian packages, the files of kind's own node images
 * (from its published Go module) and the test cluster's components. For tests: people take kind's published images.
 *
 * What differs from those: one image with the components under all the names that kubeadm knows, loaded when containerd
 * starts; a bridge on each node instead of kind's network between them; no CoreDNS. And it also starts where control groups
 * are of version 1 and limits cannot be raised.
 */
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildFolder, hashOf } from '../../bpf/image/cache.mjs';
import { packageKey, recipe } from '../../bpf/image/install-context.mjs';
import { writeOciArchive } from '../../bpf/image/oci-archive.mjs';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { unpackPackages } from '../../bpf/image/unpack.mjs';
import { buildPauseImage } from '../testbed/pause-image.mjs';
import { nodePackages, proxyPackages } from './packages.mjs';
import { kindSources } from './tools.mjs';

const version = 'v1.37.2';
const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler'];
const ownFiles = join(import.meta.dirname, 'node-files');

/**
 * @param {import('../../bpf/image/install-context.mjs').InstallContext} context
 * @param {string} programs - folder that buildComponents made
 * @returns {Promise<{ file: string, image: string }>} archive for `docker load`, and the image's name
 */
export async function provideNodeImage(context, programs) {
  const step = context.progress.step('Node image');
  try {
    const [node, proxy] = await Promise.all([
      context.providePackages('kind-node', nodePackages, step, { suites: 'bookworm' }),
      context.providePackages('kind-proxy', proxyPackages, step, { suites: 'bookworm' })
    ]);
    const own = readdirSync(ownFiles, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    const kind = await kindSources();
    const key = [packageKey(node), packageKey(proxy), programs, kind, own, readFileSync(import.meta.filename, 'utf8')];
    const id = hashOf(key, recipe('unpack.mjs', 'oci-archive.mjs'));
    const place = join(context.cache, 'testbed', `kind-node-${id}`);
    const image = `bpflab.test/kind-node:${id}`;
    const built = await buildFolder(place, async folder => {
      const root = join(folder, 'root');
      step.update('unpack');
      await unpackPackages(root, context.pool, node);
      step.update('components');
      await addComponents(context, { root, programs, proxy, folder });
      await addKindFiles(root, join(kind, 'images/base/files'));
      await addOwnFiles(root, await imageNames(programs));
      step.update('pack');
      const entrypoint = ['/usr/local/bin/entrypoint', '/sbin/init'];
      const systemd = { env: ['container=docker'], stopSignal: 'SIGRTMIN+3' };
      await writeOciArchive({ name: image, layers: [root], entrypoint, ...systemd }, join(folder, 'node.tar'));
    });
    (built ? step.done : step.cached)(image);
    return { file: join(place, 'node.tar'), image };
  } catch (error) {
    step.failed();
    throw error;
  }
}

/** Names under which kubeadm looks for the components' images. */
async function imageNames(/** @type {string} */ programs) {
  const words = ['config', 'images', 'list', '--kubernetes-version', version];
  const said = await runCommand(join(programs, 'kubeadm'), words, { what: 'kubeadm config images list' });
  return said
    .toString()
    .split('\n')
    .filter(name => name !== '' && !name.includes('coredns'));
}

/**
 * The programs of the node itself, and one image with the components.
 *
 * @param {import('../../bpf/image/install-context.mjs').InstallContext} context
 * @param {{ root: string, programs: string, proxy: import('../../bpf/image/apt.mjs').Package[], folder: string }} made
 */
async function addComponents(context, { root, programs, proxy, folder }) {
  for (const name of ['kubeadm', 'kubernetes']) cpSync(join(programs, name), join(root, 'usr/bin', name));
  for (const name of ['kubelet', 'kubectl']) symlinkSync('kubernetes', join(root, 'usr/bin', name));
  for (const name of ['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc'])
    cpSync(join(programs, name), join(root, 'usr/local/bin', name));
  cpSync(join(programs, 'cni'), join(root, 'opt/cni/bin'), { recursive: true });
  const image = join(folder, 'components');
  await unpackPackages(image, context.pool, proxy);
  cpSync(join(programs, 'kubernetes'), join(image, 'usr/local/bin/kubernetes'));
  for (const name of components) symlinkSync('kubernetes', join(image, 'usr/local/bin', name));
  for (const name of ['iptables', 'ip6tables'])
    for (const part of ['', '-save', '-restore'])
      symlinkSync('xtables-nft-multi', join(image, 'usr/sbin', name + part));
  cpSync(join(await buildPauseImage(context.cache), '../root/pause'), join(image, 'pause'));
  const [name = '', ...alsoNamed] = await imageNames(programs);
  mkdirSync(join(root, 'kind/images'), { recursive: true });
  const archive = join(root, 'kind/images/components.tar');
  await writeOciArchive({ name, alsoNamed, layers: [image], entrypoint: ['/pause'] }, archive);
}

/**
 * What kind's own node images have, less what a machine may refuse that holds not every capability.
 *
 * @param {string} root
 * @param {string} files - of kind's sources
 */
async function addKindFiles(root, files) {
  const units = 'etc/systemd/system';
  const copied = [
    ...['kubelet.service', 'kubelet.service.d', 'kubelet.slice'].map(name => `${units}/${name}`),
    ...['undo-mount-hacks.service', 'containerd.service'].map(name => `${units}/${name}`),
    ...['etc/crictl.yaml', 'etc/sysctl.d', 'usr/local/bin/entrypoint'],
    ...['kind/bin/undo-mount-hacks.sh', 'kind/bin/create-kubelet-cgroup-v2.sh']
  ];
  // Files of the module cache are read-only.
  for (const name of copied) cpSync(join(files, name), join(root, name), { recursive: true });
  await runCommand('chmod', ['-R', 'u+w', join(root, 'etc'), join(root, 'kind'), join(root, 'usr/local')]);
  for (const name of [
    'usr/local/bin/entrypoint',
    'kind/bin/undo-mount-hacks.sh',
    'kind/bin/create-kubelet-cgroup-v2.sh'
  ])
    chmodSync(join(root, name), 0o755);
  const without = (/** @type {string} */ name, /** @type {RegExp} */ line) => {
    const text = readFileSync(join(root, name), 'utf8');
    writeFileSync(
      join(root, name),
      text
        .split('\n')
        .filter(one => !line.test(one))
        .join('\n')
    );
  };
  without(`${units}/containerd.service`, /^(Limit|OOMScoreAdjust)/);
  without('usr/local/bin/entrypoint', /mount --bind "\$\{subsystem\}\/\$\{cgroup_root\}"/);
}

/**
 * @param {string} root
 * @param {string[]} images
 */
async function addOwnFiles(root, images) {
  cpSync(ownFiles, root, { recursive: true });
  chmodSync(join(root, 'usr/local/bin/update-alternatives'), 0o755);
  const pause = images.find(name => name.includes('/pause:')) ?? '';
  const configuration = join(root, 'etc/containerd/config.toml');
  writeFileSync(configuration, readFileSync(configuration, 'utf8').replace('@PAUSE@', pause));
  writeFileSync(join(root, 'kind/version'), version);
  mkdirSync(join(root, 'etc/kubernetes/manifests'), { recursive: true });
  const units = join(root, 'etc/systemd/system');
  for (const target of readdirSync(join(root, 'lib/systemd/system')).filter(name => name.endsWith('.wants')))
    if (/^(multi-user|local-fs|basic|sockets)\.target\.wants$/.test(target))
      await runCommand('rm', ['-rf', join(root, 'lib/systemd/system', target)]);
  await runCommand('rm', ['-rf', join(root, 'lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service')]);
  mkdirSync(join(units, 'multi-user.target.wants'), { recursive: true });
  for (const name of ['kubelet', 'containerd', 'undo-mount-hacks'])
    symlinkSync(`../${name}.service`, join(units, 'multi-user.target.wants', `${name}.service`));
  symlinkSync('/dev/null', join(units, 'systemd-binfmt.service'));
  symlinkSync('/lib/systemd/system/multi-user.target', join(units, 'default.target'));
  symlinkSync('/lib/systemd/systemd', join(root, 'sbin/init'));
}
