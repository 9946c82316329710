/** A node in a virtual machine: another kernel than this machine's, with kprobes, fentry and BPF security modules. */
import { cpSync, mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cpioArchive } from '../../bpf/image/cpio-archive.mjs';
import { removeTree } from '../../bpf/image/cache.mjs';
import { runCommand } from '../../bpf/image/run-command.mjs';
import { writeKubeconfig } from './kubeconfig.mjs';
import { isNodeReady, writeConfiguration } from './node.mjs';
import { startProcess, waitUntil } from './processes.mjs';

/** Every instruction is translated. */
const READY_MS = 300_000;
const MEMORY_MIB = 2048;
const CPUS = 2;
const DATA_BYTES = 12 * 2 ** 30;
/** Set-up boots the same kernel with the same words; see qemu-command.ts. */
const kernelWords = [
  ...['console=ttyS0', 'quiet', 'panic=-1', 'reboot=t', 'tsc=reliable', 'no_timer_check', 'mitigations=off'],
  ...['random.trust_cpu=on', 'lsm=landlock,lockdown,yama,bpf']
];

const ip = (/** @type {string[]} */ words) => runCommand('ip', words, { what: `ip ${words.slice(0, 3).join(' ')}` });

/**
 * Parts that no node changes.
 *
 * @typedef {object} VmNodeParts
 * @property {string} toolsRoot - of the image that has QEMU
 * @property {string} lab - erofs of the lab image
 * @property {import('../../bpf/image/kernels.mjs').Kernel} kernel
 * @property {string} files - what buildVmNodeFiles made
 */

/** @typedef {import('./layout.mjs').Layout} Layout @typedef {import('./layout.mjs').NodeLayout} NodeLayout */

/**
 * The disk that the node writes on, at the path that the cluster's folder has here: files name each other by the same
 * paths inside and outside. The images are unpacked here, where it takes seconds and not minutes.
 *
 * @param {Layout} layout
 * @param {NodeLayout} node
 * @param {string[]} images
 */
async function makeDataDisk(layout, node, images) {
  writeConfiguration(layout, node);
  writeKubeconfig(layout, node.name);
  const script = join(import.meta.dirname, 'import-images.sh');
  await runCommand('unshare', ['--mount', '--', '/bin/bash', script, node.folder, layout.programs, ...images], {
    what: 'Unpacking images'
  });
  const seed = join(layout.state, `${node.name}.seed`);
  const own = join(seed, basename(node.folder));
  mkdirSync(join(seed, 'pki'), { recursive: true });
  renameSync(node.folder, own);
  mkdirSync(node.folder);
  cpSync(join(import.meta.dirname, 'run-node.sh'), join(own, 'run-node.sh'));
  for (const file of ['pki/ca.crt', `pki/${node.name}.crt`, `pki/${node.name}.key`, `${node.name}.conf`, 'proxy.conf'])
    cpSync(join(layout.state, file), join(seed, file));
  const disk = join(node.folder, 'data.ext4');
  writeFileSync(disk, '');
  truncateSync(disk, DATA_BYTES);
  await runCommand('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=1,nodiscard', '-d', seed, disk], {
    what: 'mkfs.ext4'
  });
  removeTree(seed);
  return disk;
}

/**
 * The kernel unpacks archives one after the other: this one puts the node's second half of the start in the place of
 * the session's.
 *
 * @param {import('../../bpf/image/kernels.mjs').Kernel} kernel
 * @param {string} file
 */
function writeInitramfs(kernel, file) {
  const stage2 = readFileSync(join(import.meta.dirname, 'vm-node-stage2'));
  const base = readFileSync(kernel.initrd);
  const padding = Buffer.alloc((4 - (base.length % 4)) % 4);
  writeFileSync(file, Buffer.concat([base, padding, cpioArchive([{ name: 'stage2', mode: 0o100755, data: stage2 }])]));
}

/**
 * @param {Layout} layout
 * @param {{ node: NodeLayout, others: NodeLayout[], parts: VmNodeParts, initramfs: string, data: string }} machine
 * @returns {string[]} words of QEMU
 */
function qemuWords(layout, { node, others, parts, initramfs, data }) {
  // The kernel gives words that it does not know to the first program as its environment.
  const environment = {
    BPFTEST_STATE: layout.state,
    BPFTEST_PROGRAMS: layout.programs,
    BPFTEST_NODE: node.name,
    BPFTEST_GROUP: node.group,
    BPFTEST_ADDRESS: node.address,
    BPFTEST_ROUTES: [
      `${layout.serviceRange}@${layout.address}`,
      ...others.map(({ podRange, address }) => `${podRange}@${address}`)
    ].join(',')
  };
  const words = [...kernelWords, ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)];
  const disk = (/** @type {string} */ file, /** @type {number} */ index) => [
    ...[
      '-drive',
      `file=${file},format=raw,if=none,id=disk${index},file.locking=off${file === data ? '' : ',readonly=on'}`
    ],
    ...['-device', `virtio-blk-pci,drive=disk${index}`]
  ];
  const share = join(parts.toolsRoot, 'usr/share');
  return [
    ...['-L', join(share, 'qemu'), '-L', join(share, 'seabios'), '-name', node.link],
    ...['-machine', 'q35,usb=off,sata=off,smbus=off', '-cpu', 'max', '-accel', 'tcg,thread=multi,tb-size=512'],
    ...[
      '-smp',
      String(CPUS),
      '-m',
      `${MEMORY_MIB}M`,
      '-nodefaults',
      '-no-user-config',
      '-display',
      'none',
      '-no-reboot'
    ],
    ...['-kernel', parts.kernel.vmlinux, '-initrd', initramfs, '-append', words.join(' '), '-serial', 'stdio'],
    // In this order: /dev/vda, vdb, vdc, vdd.
    ...[parts.lab, parts.kernel.modules, parts.files, data].flatMap(disk),
    ...['-netdev', `tap,id=net0,ifname=${node.link},script=no,downscript=no`],
    ...['-device', 'virtio-net-pci,netdev=net0,romfile=', '-device', 'virtio-rng-pci']
  ];
}

/**
 * Starts the node, gives it the images, and waits until it is ready. Its console is its log.
 *
 * @param {Layout} layout
 * @param {{ node: NodeLayout, others: NodeLayout[], images: string[], parts: VmNodeParts }} options - images: archives of images
 */
export async function startVmNode(layout, { node, others, images, parts }) {
  await ip(['tuntap', 'add', 'dev', node.link, 'mode', 'tap']);
  await ip(['link', 'set', node.link, 'master', layout.bridge, 'up']);
  await ip(['route', 'add', node.podRange, 'via', node.address]);
  const data = await makeDataDisk(layout, node, images);
  const initramfs = join(node.folder, 'initramfs');
  writeInitramfs(parts.kernel, initramfs);
  const libraries = join(parts.toolsRoot, 'usr/lib/x86_64-linux-gnu');
  startProcess(layout.state, {
    name: node.name,
    command: join(parts.toolsRoot, 'lib64/ld-linux-x86-64.so.2'),
    words: [
      ...['--library-path', libraries, join(parts.toolsRoot, 'usr/bin/qemu-system-x86_64')],
      ...qemuWords(layout, { node, others, parts, initramfs, data })
    ],
    env: { QEMU_MODULE_DIR: join(libraries, 'qemu') }
  });
  const log = join(layout.state, `log/${node.name}.log`);
  await waitUntil({ what: `Node ${node.name}`, timeoutMs: READY_MS, log }, () => isNodeReady(layout, node.name));
}
