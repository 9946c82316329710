import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moduleOrder } from './module-order.mjs';

// Lines of modules.dep of Debian's 6.12.117 cloud kernel.
const modulesDep = `
kernel/drivers/net/virtio_net.ko.xz: kernel/net/core/failover.ko.xz kernel/drivers/net/net_failover.ko.xz
kernel/drivers/net/net_failover.ko.xz: kernel/net/core/failover.ko.xz
kernel/net/core/failover.ko.xz:
kernel/fs/erofs/erofs.ko.xz: kernel/lib/libcrc32c.ko.xz
kernel/lib/libcrc32c.ko.xz:
kernel/net/bridge/bridge.ko.xz: kernel/net/802/stp.ko.xz kernel/net/llc/llc.ko.xz
kernel/net/802/stp.ko.xz: kernel/net/llc/llc.ko.xz
kernel/net/llc/llc.ko.xz:
kernel/net/sched/act_bpf.ko.xz:
`;

describe('moduleOrder', () => {
  it('puts each module behind those it needs', () => {
    const { paths } = moduleOrder(modulesDep, '', ['virtio-net', 'erofs', 'bridge']);
    const names = paths.map(path => path.split('/').at(-1));
    expect(names).toEqual([
      'failover.ko.xz',
      'net_failover.ko.xz',
      'virtio_net.ko.xz',
      'libcrc32c.ko.xz',
      'erofs.ko.xz',
      'llc.ko.xz',
      'stp.ko.xz',
      'bridge.ko.xz'
    ]);
  });

  it('takes "-" and "_" as one, and does not miss what is built in', () => {
    const builtin = 'kernel/drivers/virtio/virtio-pci.ko\n';
    expect(moduleOrder(modulesDep, builtin, ['act-bpf', 'virtio_pci', 'uhid'])).toEqual({
      paths: ['kernel/net/sched/act_bpf.ko.xz'],
      missing: ['uhid']
    });
  });

  it('orders any acyclic dependencies', () => {
    const graph = fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(graph, needs => {
        // A module needs only modules with smaller numbers.
        const edges = needs.map((list, index) => list.filter(other => other < index));
        const text = edges
          .map((list, index) => `m${index}.ko: ${list.map(other => `m${other}.ko`).join(' ')}`)
          .join('\n');
        const { paths } = moduleOrder(
          text,
          '',
          edges.map((_, index) => `m${index}`)
        );
        expect([...paths].sort()).toEqual(edges.map((_, index) => `m${index}.ko`).sort());
        edges.forEach((list, index) => {
          for (const other of list) expect(paths.indexOf(`m${other}.ko`)).toBeLessThan(paths.indexOf(`m${index}.ko`));
        });
      })
    );
  });

  it('ends when modules need each other', () => {
    expect(moduleOrder('a.ko: b.ko\nb.ko: a.ko', '', ['a']).paths.sort()).toEqual(['a.ko', 'b.ko']);
  });
});
