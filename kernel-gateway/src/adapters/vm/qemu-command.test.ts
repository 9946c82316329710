import { describe, expect, it } from 'vitest';
import { qemuCommand, type VmStart } from './qemu-command.js';
import type { VmSpec } from './vm-spec.js';

const spec: VmSpec = {
  tools: { id: 't', root: '/cache/images/tools-t/root' },
  lab: { id: 'l', root: '/cache/images/lab-l/root', erofs: '/cache/images/lab-l/root.erofs' },
  kernel: { release: '6.12', vmlinux: '/k/vmlinux', initrd: '/k/initrd', modules: '/k/modules', btf: '/k/btf' },
  memoryMib: 384,
  cpus: 1,
  accelerator: 'tcg'
};
const starts: VmStart[] = [{ kind: 'probe' }, { kind: 'boot', folder: '/t' }, { kind: 'restore', folder: '/t' }];
const pairs = (args: string[], option: string): string[] =>
  args.flatMap((arg, at) => (arg === option ? [args[at + 1] ?? ''] : []));

describe('qemuCommand', () => {
  it.each(starts)('shuts $kind machines in: no network, no capability, dies with its parent', start => {
    const { command, args } = qemuCommand(spec, start);
    expect(command).toBe('/cache/images/tools-t/root/lib64/ld-linux-x86-64.so.2');
    for (const flag of ['--unshare-net', '--unshare-pid', '--die-with-parent', '--clearenv'])
      expect(args).toContain(flag);
    expect(pairs(args, '--cap-drop')).toEqual(['ALL']);
    expect(pairs(args, '-netdev')).toEqual(['user,id=net0,restrict=on']);
    expect(pairs(args, '-sandbox')).toEqual([
      'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'
    ]);
  });

  it('lets only the machine that makes a template write, and only into its folder', () => {
    const writable = starts.map(start => pairs(qemuCommand(spec, start).args, '--bind'));
    expect(writable).toEqual([[], ['/t'], []]);
  });

  it('opens /dev/kvm for KVM machines alone', () => {
    const [start] = starts as [VmStart];
    expect(qemuCommand(spec, start).args).not.toContain('/dev/kvm');
    expect(qemuCommand({ ...spec, accelerator: 'kvm' }, start).args).toContain('/dev/kvm');
  });
});
