/**
 * Headers that packets are built of and read as: fields in their order, network byte order. Sources: IEEE 802.3 and
 * 802.1Q, RFC 826 (ARP), 791 (IPv4), 8200 (IPv6), 9293 (TCP), 768 (UDP), 792 (ICMP), 4443 (ICMPv6).
 */

/** How a field is written and read. */
type FieldKind = 'number' | 'hex' | 'mac' | 'ipv4' | 'ipv6' | 'flags';

/** A field. `fill`: what is put in when the user gives none: a kind of the next header, a length, a checksum, or `initial`. */
export interface FieldSpec {
  name: string;
  bits: number;
  /** Offset from the header's start; filled in from the order. */
  bitOffset: number;
  kind: FieldKind;
  initial: bigint;
  fill: 'initial' | 'next' | 'length' | 'checksum';
  /** Words for numbers; `flags`: names of the bits, highest first. */
  names: readonly (readonly [string, number])[];
}

/** A header. `on` says in which header below it stands: the first of them is put there when it is missing. */
export interface HeaderSpec {
  name: string;
  bytes: number;
  fields: readonly FieldSpec[];
  on: readonly string[];
}

type Extra = Partial<Pick<FieldSpec, 'fill' | 'names'>>;
type FieldEntry = Omit<FieldSpec, 'bitOffset'>;

/** `fill` and `names` by name, where they are not the plain ones. */
function field(
  name: string,
  bits: number,
  kind: FieldKind,
  rest: bigint | number | [bigint | number, Extra]
): FieldEntry {
  const [initial, extra] = Array.isArray(rest) ? rest : [rest, {}];
  return { name, bits, kind, initial: BigInt(initial), fill: extra.fill ?? 'initial', names: extra.names ?? [] };
}

function header(name: string, on: readonly string[], entries: readonly FieldEntry[]): HeaderSpec {
  let bitOffset = 0;
  const fields = entries.map(entry => {
    const placed = { ...entry, bitOffset };
    bitOffset += entry.bits;
    return placed;
  });
  return { name, bytes: bitOffset / 8, fields, on };
}

const etherTypes = [
  ['ipv4', 0x0800],
  ['arp', 0x0806],
  ['vlan', 0x8100],
  ['ipv6', 0x86dd]
] as const;
const protocols = [
  ['icmp', 1],
  ['ipv4', 4],
  ['tcp', 6],
  ['udp', 17],
  ['ipv6', 41],
  ['icmpv6', 58]
] as const;
const tcpFlags = ['CWR', 'ECE', 'URG', 'ACK', 'PSH', 'RST', 'SYN', 'FIN'].map(
  (name, index) => [name, 1 << (7 - index)] as const
);
const below = { link: ['eth', 'vlan'], network: ['eth', 'vlan', 'ipv4', 'ipv6'], transport: ['ipv4', 'ipv6'] } as const;

/** All headers, from the wire upward. */
export const headerTable: readonly HeaderSpec[] = [
  header(
    'eth',
    [],
    [
      field('dst', 48, 'mac', 0x020000000002n),
      field('src', 48, 'mac', 0x020000000001n),
      field('type', 16, 'hex', [0, { fill: 'next', names: etherTypes }])
    ]
  ),
  header('vlan', below.link, [
    field('pcp', 3, 'number', 0),
    field('dei', 1, 'number', 0),
    field('id', 12, 'number', 1),
    field('type', 16, 'hex', [0, { fill: 'next', names: etherTypes }])
  ]),
  header('arp', below.link, [
    field('htype', 16, 'number', 1),
    field('ptype', 16, 'hex', [0x0800, { names: etherTypes }]),
    field('hlen', 8, 'number', 6),
    field('plen', 8, 'number', 4),
    field('op', 16, 'number', [
      1,
      {
        names: [
          ['request', 1],
          ['reply', 2]
        ]
      }
    ]),
    field('sha', 48, 'mac', 0x020000000001n),
    field('spa', 32, 'ipv4', 0x0a000001),
    field('tha', 48, 'mac', 0),
    field('tpa', 32, 'ipv4', 0x0a000002)
  ]),
  header('ipv4', below.network, [
    field('version', 4, 'number', 4),
    field('ihl', 4, 'number', 5),
    field('dscp', 6, 'number', 0),
    field('ecn', 2, 'number', 0),
    field('length', 16, 'number', [0, { fill: 'length' }]),
    field('id', 16, 'number', 0),
    field('flags', 3, 'flags', [
      2,
      {
        names: [
          ['reserved', 4],
          ['DF', 2],
          ['MF', 1]
        ]
      }
    ]),
    field('frag', 13, 'number', 0),
    field('ttl', 8, 'number', 64),
    field('protocol', 8, 'number', [255, { fill: 'next', names: protocols }]),
    field('checksum', 16, 'hex', [0, { fill: 'checksum' }]),
    field('src', 32, 'ipv4', 0x0a000001),
    field('dst', 32, 'ipv4', 0x0a000002)
  ]),
  header('ipv6', below.network, [
    field('version', 4, 'number', 6),
    field('tclass', 8, 'number', 0),
    field('flow', 20, 'hex', 0),
    field('length', 16, 'number', [0, { fill: 'length' }]),
    field('next', 8, 'number', [59, { fill: 'next', names: protocols }]),
    field('hops', 8, 'number', 64),
    field('src', 128, 'ipv6', 0xfd000000000000000000000000000001n),
    field('dst', 128, 'ipv6', 0xfd000000000000000000000000000002n)
  ]),
  header('tcp', below.transport, [
    field('sport', 16, 'number', 40000),
    field('dport', 16, 'number', 80),
    field('seq', 32, 'number', 1),
    field('ack', 32, 'number', 0),
    field('offset', 4, 'number', 5),
    field('reserved', 4, 'number', 0),
    field('flags', 8, 'flags', [0x02, { names: tcpFlags }]),
    field('window', 16, 'number', 65535),
    field('checksum', 16, 'hex', [0, { fill: 'checksum' }]),
    field('urgent', 16, 'number', 0)
  ]),
  header('udp', below.transport, [
    field('sport', 16, 'number', 40000),
    field('dport', 16, 'number', 53),
    field('length', 16, 'number', [0, { fill: 'length' }]),
    field('checksum', 16, 'hex', [0, { fill: 'checksum' }])
  ]),
  header(
    'icmp',
    ['ipv4'],
    [
      field('type', 8, 'number', [
        8,
        {
          names: [
            ['echo-reply', 0],
            ['unreachable', 3],
            ['redirect', 5],
            ['echo-request', 8],
            ['time-exceeded', 11]
          ]
        }
      ]),
      field('code', 8, 'number', 0),
      field('checksum', 16, 'hex', [0, { fill: 'checksum' }]),
      field('id', 16, 'number', 1),
      field('seq', 16, 'number', 1)
    ]
  ),
  header(
    'icmpv6',
    ['ipv6'],
    [
      field('type', 8, 'number', [
        128,
        {
          names: [
            ['unreachable', 1],
            ['too-big', 2],
            ['time-exceeded', 3],
            ['echo-request', 128],
            ['echo-reply', 129],
            ['router-advert', 134],
            ['neighbor-solicit', 135],
            ['neighbor-advert', 136]
          ]
        }
      ]),
      field('code', 8, 'number', 0),
      field('checksum', 16, 'hex', [0, { fill: 'checksum' }]),
      field('id', 16, 'number', 1),
      field('seq', 16, 'number', 1)
    ]
  )
];

/** The header of that name. */
export function headerSpec(name: string): HeaderSpec | undefined {
  return headerTable.find(one => one.name === name);
}

/** Number by which `lower` names the header above it, or null when it has none for it. */
export function nextNumber(lower: string, upper: string): bigint | null {
  const names = headerSpec(lower)?.fields.find(one => one.fill === 'next')?.names ?? [];
  const found = names.find(([name]) => name === upper);
  return found ? BigInt(found[1]) : null;
}
