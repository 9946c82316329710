import type { PacketLayer } from '../../protocol/index.js';

const textOf = (layer: PacketLayer, name: string): string =>
  layer.fields.find(field => field.name === name)?.text ?? '';

const summaries: Readonly<Record<string, (layer: PacketLayer) => string>> = {
  eth: layer => `eth ${textOf(layer, 'src')} → ${textOf(layer, 'dst')}`,
  vlan: layer => `vlan ${textOf(layer, 'id')}`,
  arp: layer => `arp ${textOf(layer, 'op')} ${textOf(layer, 'spa')} → ${textOf(layer, 'tpa')}`,
  ipv4: layer => `ipv4 ${textOf(layer, 'src')} → ${textOf(layer, 'dst')} ttl ${textOf(layer, 'ttl')}`,
  ipv6: layer => `ipv6 ${textOf(layer, 'src')} → ${textOf(layer, 'dst')} hops ${textOf(layer, 'hops')}`,
  tcp: layer => `tcp ${textOf(layer, 'sport')} → ${textOf(layer, 'dport')} ${textOf(layer, 'flags')}`,
  udp: layer => `udp ${textOf(layer, 'sport')} → ${textOf(layer, 'dport')}`,
  icmp: layer => `icmp ${textOf(layer, 'type')}`,
  icmpv6: layer => `icmpv6 ${textOf(layer, 'type')}`
};

/** A packet in a line: `ipv4 10.0.0.1 → 10.0.0.2 ttl 64 / tcp 40000 → 80 SYN / 18 bytes`. */
export function packetSummary(layers: readonly PacketLayer[]): string {
  return layers.map(layer => summaries[layer.name]?.(layer) ?? `${layer.size} bytes of ${layer.name}`).join(' / ');
}
