/**
 * The command line of a virtual machine: QEMU from the tools image, run by that image's own loader in a bubblewrap
 * sandbox. QEMU sees its own program, the machine's files (read-only) and three inherited sockets: no network, no
 * other process, no folder of the host. It dies with the process that started it, however that one ends.
 *
 * q35 and not `microvm`: under TCG the latter hangs at the timer calibration of loaded machines.
 */
import path from 'node:path';
import type { VmSpec } from './vm-spec.js';

/** File descriptors that QEMU inherits: stream sockets to agent, control protocol and serial console. */
export const VmFd = { agent: 3, qmp: 4, console: 5 } as const;
/** Id of the agent's port in QEMU's events. */
export const AGENT_PORT_ID = 'agent';

/**
 * How a machine starts: `probe` boots the kernel with no disk and no memory file; `boot` fills `folder`/memory and may
 * write `folder`/state; `restore` waits for a `migrate-incoming`, its memory is a private copy of `folder`/memory.
 */
export type VmStart = { kind: 'probe' } | { kind: 'boot'; folder: string } | { kind: 'restore'; folder: string };

/** Where the state of a template stands in the sandbox, as a migration address. */
export const STATE_ADDRESS = 'file:/tmp/vm/template/state';

const KERNEL_ARGUMENTS = [
  'console=ttyS0',
  'panic=-1',
  'reboot=t',
  'tsc=reliable',
  'no_timer_check',
  'mitigations=off',
  'random.trust_cpu=on'
];
/** bytes of translated code that TCG keeps, MiB. */
const TRANSLATION_BUFFER_MIB = 128;

/** Program and arguments that start the machine; the caller passes the sockets of `VmFd`. */
export function qemuCommand(spec: VmSpec, start: VmStart): { command: string; args: string[] } {
  const usr = path.join(spec.tools.root, 'usr');
  return {
    command: path.join(spec.tools.root, 'lib64/ld-linux-x86-64.so.2'),
    args: [
      ...['--library-path', path.join(usr, 'lib/x86_64-linux-gnu'), path.join(usr, 'bin/bwrap')],
      ...sandboxArguments(spec, start),
      '/usr/bin/qemu-system-x86_64',
      ...qemuArguments(spec, start)
    ]
  };
}

function sandboxArguments(spec: VmSpec, start: VmStart): string[] {
  const bind = (file: string, name: string): string[] => ['--ro-bind', file, `/tmp/vm/${name}`];
  return [
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-net', '--unshare-cgroup-try'],
    // No init process of bubblewrap's own: QEMU forks nothing.
    ...['--as-pid-1', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv'],
    ...['--ro-bind', path.join(spec.tools.root, 'usr'), '/usr'],
    ...['--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64'],
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...(spec.accelerator === 'kvm' ? ['--dev-bind', '/dev/kvm', '/dev/kvm'] : []),
    ...bind(spec.kernel.vmlinux, 'vmlinux'),
    ...bind(spec.kernel.initrd, 'initrd'),
    ...(start.kind === 'probe'
      ? []
      : [
          ...bind(spec.lab.erofs, 'root.erofs'),
          ...bind(spec.kernel.modules, 'modules.erofs'),
          ...[start.kind === 'boot' ? '--bind' : '--ro-bind', start.folder, '/tmp/vm/template']
        ])
  ];
}

function qemuArguments(spec: VmSpec, start: VmStart): string[] {
  return [
    ...machineArguments(spec, start),
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...['-kernel', '/tmp/vm/vmlinux', '-initrd', '/tmp/vm/initrd', '-append', kernelArguments(start)],
    ...['-chardev', `socket,id=console,fd=${VmFd.console}`, '-serial', 'chardev:console'],
    ...['-chardev', `socket,id=qmp,fd=${VmFd.qmp}`, '-mon', 'chardev=qmp,mode=control'],
    ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=agent,fd=${VmFd.agent}`],
    ...['-device', `virtserialport,id=${AGENT_PORT_ID},chardev=agent,name=bpflab.0,nr=1`],
    ...(start.kind === 'probe' ? [] : [...diskArguments('root.erofs'), ...diskArguments('modules.erofs')]),
    ...['-netdev', 'user,id=net0,restrict=on', '-device', 'virtio-net-pci,netdev=net0,romfile='],
    // No vmgenid: copies are told apart by the entropy of their hello, and its ACPI event is 25 ms of a restore under TCG.
    ...['-device', 'virtio-rng-pci'],
    ...(start.kind === 'restore' ? ['-incoming', 'defer'] : [])
  ];
}

/** A probe waits for the kernel's first line, the others do not want to spend time on printing. */
const kernelArguments = (start: VmStart): string =>
  [...KERNEL_ARGUMENTS, ...(start.kind === 'probe' ? ['earlyprintk=ttyS0'] : ['quiet'])].join(' ');

function machineArguments(spec: VmSpec, start: VmStart): string[] {
  const machine = 'q35,usb=off,sata=off,smbus=off';
  const processor = ['-cpu', 'max', '-smp', String(spec.cpus), '-m', `${spec.memoryMib}M`];
  const accelerator =
    spec.accelerator === 'kvm' ? ['-accel', 'kvm'] : ['-accel', `tcg,thread=multi,tb-size=${TRANSLATION_BUFFER_MIB}`];
  if (start.kind === 'probe') return ['-machine', machine, ...processor, ...accelerator];
  // Restored machines open the file read-only and map it private: they share its clean pages and cannot change it.
  const sharing = start.kind === 'boot' ? 'share=on' : 'share=off,readonly=on,rom=off';
  return [
    ...['-machine', `${machine},memory-backend=memory`, ...processor, ...accelerator],
    '-object',
    `memory-backend-file,id=memory,size=${spec.memoryMib}M,mem-path=/tmp/vm/template/memory,${sharing}`
  ];
}

function diskArguments(name: string): string[] {
  const id = name.replace('.', '-');
  return [
    '-drive',
    `file=/tmp/vm/${name},format=raw,if=none,id=${id},readonly=on,file.locking=off`,
    '-device',
    `virtio-blk-pci,drive=${id}`
  ];
}
