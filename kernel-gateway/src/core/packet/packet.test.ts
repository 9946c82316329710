import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBits, writeBits } from './bits.js';
import { buildPacket } from './build-packet.js';
import { changedBytes, changedFields } from './compare-packets.js';
import { decodePacket } from './decode-packet.js';
import { fieldText, parseField } from './field-text.js';
import { headerTable } from './header.table.js';
import { hexText } from './hex-text.js';
import { packetSummary } from './packet-summary.js';
import { parsePackets } from './parse-packets.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const build = (body: string): Uint8Array => buildPacket(parsePackets(body, 1)[0]!);
const fieldsOf = (bytes: Uint8Array): Record<string, string> =>
  Object.fromEntries(
    decodePacket(bytes).flatMap(layer => layer.fields.map(field => [`${layer.name}.${field.name}`, field.text]))
  );

describe('parsePackets', () => {
  it('reads headers, payload, context, comments and several packets', () => {
    const packets = parsePackets(
      '# a comment\n--- first one\nipv4 src=1.2.3.4 ttl=3 // short\ntcp dport=443 flags=SYN,ACK\npayload "a\\n#b"\n' +
        'context mark=7 cb=[1,2]\nexpect XDP_DROP\n\n---\nhex 00 01 0x02\n',
      2
    );
    expect(packets.map(({ name, line, expect }) => [name, line, expect])).toEqual([
      ['first one', 3, 'XDP_DROP'],
      ['', 11, '']
    ]);
    expect(packets[0]?.layers.map(layer => layer.name)).toEqual(['ipv4', 'tcp', 'payload']);
    expect(packets[0]?.context).toEqual({
      kind: 'members',
      members: [
        { name: 'mark', value: '7' },
        { name: 'cb', value: '[1,2]' }
      ]
    });
    const [, raw] = packets;
    expect(raw?.layers).toEqual([{ kind: 'bytes', name: 'hex', bytes: Uint8Array.of(0, 1, 2) }]);
    expect(Buffer.from(buildPacket(packets[0]!)).subarray(54).toString()).toBe('a\n#b');
  });

  it.each([
    ['tpc dport=80', /Line 1 .*is it "tcp"/],
    ['\ntcp dprt=80', /Line 2 .*is it "dport="/],
    ['tcp dport=70000', /from 0 to 65535/],
    ['ipv4 src=1.2.3', /10\.0\.0\.1/],
    ['tcp flags=SIN', /flags such as SYN,FIN/],
    ['tcp dport=1 dport=2', /given twice/],
    ['hex 0', /no hex/],
    ['payload', /payload takes/],
    ['context mark', /no number/],
    ['expect', /one verdict/]
  ])('refuses %j', (body, message) => {
    expect(() => parsePackets(body, 1)).toThrow(message);
  });

  it('answers any text with packets or a LabError', () => {
    const words = fc.constantFrom(
      'tcp',
      'ipv4',
      'eth',
      'hex',
      'payload',
      '---',
      'dport=',
      '"',
      '=',
      '80',
      'context',
      '#',
      '\n',
      ' '
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 12 }), parts => {
        try {
          for (const packet of parsePackets(parts.join(''), 1)) buildPacket(packet);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BPFLAB_PACKET_INVALID' });
        }
      })
    );
  });
});

describe('buildPacket', () => {
  it('makes what scapy makes', () => {
    // Ether(…)/IP(src="10.0.0.1",dst="10.0.0.2",id=0,flags=2)/TCP(sport=40000,dport=80,seq=1,window=65535)
    expect(hex(build('tcp'))).toBe(
      '0200000000020200000000010800' +
        '4500002800004000400626ce0a0000010a000002' +
        '9c40005000000001000000005002ffffff4e0000'
    );
    // Ether(…)/Dot1Q(vlan=7)/IPv6(src="fd00::1",dst="fd00::2")/UDP(sport=40000,dport=53)/b"x"
    expect(hex(build('vlan id=7\nipv6\nudp\npayload "x"'))).toBe(
      '0200000000020200000000018100' +
        '000786dd' +
        '6000000000091140fd000000000000000000000000000001fd000000000000000000000000000002' +
        '9c4000350009f16178'
    );
  });

  it('puts the headers below in, and names the next one', () => {
    expect(fieldsOf(build('vlan id=7\nipv6\nudp dport=53\npayload "x"'))).toMatchObject({
      'eth.type': 'vlan',
      'vlan.id': '7',
      'vlan.type': 'ipv6',
      'ipv6.next': 'udp',
      'ipv6.length': '9',
      'udp.length': '9',
      'payload.bytes': '"x"'
    });
    expect(packetSummary(decodePacket(build('ipv4\nipv4 src=1.1.1.1\nicmp')))).toBe(
      'eth 02:00:00:00:00:01 → 02:00:00:00:00:02 / ipv4 10.0.0.1 → 10.0.0.2 ttl 64 / ipv4 1.1.1.1 → 10.0.0.2 ttl 64 / icmp echo-request'
    );
  });

  it('keeps what the user gave, also what is wrong', () => {
    const bytes = build('ipv4 checksum=0x1234 protocol=99 length=1\ntcp checksum=0');
    expect(fieldsOf(bytes)).toMatchObject({ 'ipv4.checksum': '0x1234', 'ipv4.protocol': '99', 'ipv4.length': '1' });
    const layer = decodePacket(bytes).find(({ name }) => name === 'ipv4');
    expect(layer?.fields.find(({ name }) => name === 'checksum')?.problem).not.toBe('');
  });

  it('makes packets that are read back as they were said, with checksums that fit', () => {
    const stack = fc.constantFrom(
      ['ipv4', 'tcp'],
      ['ipv4', 'udp'],
      ['ipv4', 'icmp'],
      ['ipv6', 'tcp'],
      ['ipv6', 'udp'],
      ['ipv6', 'icmpv6'],
      ['vlan', 'ipv4', 'udp'],
      ['arp']
    );
    fc.assert(
      fc.property(
        stack,
        fc.uint8Array({ maxLength: 40 }),
        fc.bigInt({ min: 0n, max: 1n << 128n }),
        (names, payload, seed) => {
          const said = new Map<string, string>();
          const lines = names.map(name => {
            const header = headerTable.find(one => one.name === name)!;
            // Fields that say where other fields are have one right value.
            const free = header.fields.filter(
              ({ name: field, fill }) =>
                fill === 'initial' &&
                !['version', 'ihl', 'offset', 'frag', 'htype', 'ptype', 'hlen', 'plen'].includes(field)
            );
            const words = free.map(field => {
              const text = fieldText(field, seed & ((1n << BigInt(field.bits)) - 1n));
              said.set(`${name}.${field.name}`, text);
              return `${field.name}=${text}`;
            });
            return `${name} ${words.join(' ')}`;
          });
          if (payload.length > 0 && names[0] !== 'arp') lines.push(`payload hex ${hex(payload)}`);
          const bytes = build(lines.join('\n'));
          expect(fieldsOf(bytes)).toMatchObject(Object.fromEntries(said));
          expect(
            decodePacket(bytes)
              .flatMap(layer => layer.fields.map(field => field.problem))
              .join('')
          ).toBe('');
        }
      )
    );
  });
});

describe('decodePacket', () => {
  it('reads any bytes, and leaves none out', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('eth', 'ipv4', 'ipv6'), (bytes, first) => {
        const layers = decodePacket(bytes, first);
        expect(layers.reduce((sum, layer) => sum + layer.size, 0)).toBe(bytes.length);
        layers.reduce((end, layer) => (expect(layer.offset).toBe(end), end + layer.size), 0);
      })
    );
  });
});

describe('fields', () => {
  it('are written so that they are read back', () => {
    for (const header of headerTable) {
      for (const field of header.fields) {
        fc.assert(
          fc.property(fc.bigInt({ min: 0n, max: (1n << BigInt(field.bits)) - 1n }), value => {
            expect(parseField(field, fieldText(field, value))).toBe(value);
          }),
          { numRuns: 30 }
        );
      }
    }
  });

  it('are bits at any place', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        fc.nat(60),
        fc.integer({ min: 1, max: 90 }),
        fc.bigInt({ min: 0n, max: 1n << 90n }),
        (bytes, offset, count, seed) => {
          const value = seed & ((1n << BigInt(count)) - 1n);
          const after = bytes.slice();
          writeBits(after, { offset, count }, value);
          expect(readBits(after, offset, count)).toBe(value);
          expect(readBits(after, 0, offset)).toBe(readBits(bytes, 0, offset));
          expect(readBits(after, offset + count, 10)).toBe(readBits(bytes, offset + count, 10));
        }
      )
    );
  });
});

describe('changes', () => {
  it('are the bytes that differ, and what was put in', () => {
    expect(changedBytes(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(1, 9, 9, 4))).toEqual([[1, 3]]);
    const before = build('ipv4\nudp');
    const after = build('vlan id=5\nipv4\nudp');
    expect(changedBytes(before, after)).toEqual([[12, 16]]);
    expect(changedFields(decodePacket(before), decodePacket(after)).map(({ name }) => name)).toContain('vlan.id');
    expect(changedBytes(before, before)).toEqual([]);
  });

  it('stand in brackets in a hex view', () => {
    expect(hexText(Uint8Array.of(0x41, 1, 2, 3), [[1, 3]])).toMatch(/^0000 {2}41\[01 02\]03 +A\.\.\.$/);
  });
});
