/** The checksum of the Internet protocols (RFC 1071) and the sums over TCP, UDP and ICMPv6 with their pseudo-headers. */

const protocols: Record<string, number> = { tcp: 6, udp: 17, icmpv6: 58 };

function sum(bytes: Uint8Array, start: number): number {
  let total = start;
  for (let at = 0; at < bytes.length; at += 2) {
    total += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }
  return total;
}

function fold(total: number): number {
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return ~total & 0xffff;
}

/** Sum over bytes whose own checksum field is 0; over a right packet as it is, it gives 0. */
export function internetChecksum(bytes: Uint8Array): number {
  return fold(sum(bytes, 0));
}

/**
 * Checksum of everything from `transport.at` to the packet's end, with the addresses of the IP header at `network.at`. The
 * field itself counts as it is: 0 for a new one; over a right packet the result is 0. A UDP sum of 0 is sent as 0xffff.
 */
export function transportChecksum(
  packet: Uint8Array,
  network: { name: string; at: number },
  transport: { name: string; at: number; end?: number }
): number {
  const [from, bytes] = network.name === 'ipv6' ? [8, 32] : [12, 8];
  const addresses = packet.subarray(network.at + from, network.at + from + bytes);
  const content = packet.subarray(transport.at, transport.end);
  const total = sum(content, sum(addresses, (protocols[transport.name] ?? 0) + content.length));
  const checksum = fold(total);
  const isNew = transport.end === undefined;
  return checksum === 0 && transport.name === 'udp' && isNew ? 0xffff : checksum;
}
