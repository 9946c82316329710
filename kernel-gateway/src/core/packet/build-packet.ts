import { LabError } from '../../protocol/index.js';
import { readBits, writeBits } from './bits.js';
import { internetChecksum, transportChecksum } from './checksum.js';
import { headerSpec, nextNumber, type FieldSpec, type HeaderSpec } from './header.table.js';
import type { LayerSpec, PacketSpec } from './packet-spec.js';

/** Longest packet that can be built: the length field of IP. */
const MAX_PACKET_BYTES = 65_536;

/** A header at its place in the packet under way. */
interface PlacedHeader {
  spec: HeaderSpec;
  given: ReadonlyMap<string, bigint>;
  at: number;
}

const defaultLayer = (name: string): LayerSpec => ({ kind: 'header', name, fields: new Map() });

/** Puts in the headers that must stand below a given one: `tcp` alone is Ethernet, IPv4, TCP. */
function completeLayers(layers: readonly LayerSpec[]): LayerSpec[] {
  const complete: LayerSpec[] = [];
  const put = (layer: LayerSpec): void => {
    const below = complete.at(-1);
    const on = layer.kind === 'header' ? (headerSpec(layer.name)?.on ?? []) : [];
    // Behind raw bytes the user knows what is there.
    const isMissing = on.length > 0 && below?.kind !== 'bytes' && !on.includes(below?.name ?? '');
    if (isMissing) put(defaultLayer(on[0] ?? ''));
    complete.push(layer);
  };
  layers.forEach(put);
  return complete;
}

/**
 * Bytes of a packet. What the user does not give is filled in: headers below the first one, the kind of the next header,
 * lengths, checksums, and addresses of the documentation's two machines.
 *
 * @throws LabError BPFLAB_PACKET_INVALID when it would be longer than 65,536 bytes
 */
export function buildPacket(packet: Pick<PacketSpec, 'layers' | 'line'>): Uint8Array {
  const layers = completeLayers(packet.layers);
  const sizes = layers.map(layer =>
    layer.kind === 'bytes' ? layer.bytes.length : (headerSpec(layer.name)?.bytes ?? 0)
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > MAX_PACKET_BYTES) {
    const message = `Line ${packet.line} of the packet: it would have ${total} bytes; ${MAX_PACKET_BYTES} are the most.`;
    throw new LabError('BPFLAB_PACKET_INVALID', message);
  }
  const bytes = new Uint8Array(total);
  const headers: PlacedHeader[] = [];
  let at = 0;
  layers.forEach((layer, index) => {
    if (layer.kind === 'bytes') bytes.set(layer.bytes, at);
    else {
      const spec = headerSpec(layer.name);
      if (spec) {
        headers.push({ spec, given: layer.fields, at });
        const next = layers[index + 1];
        writeHeader(bytes, { spec, given: layer.fields, at }, next?.kind === 'header' ? next.name : '');
      }
    }
    at += sizes[index] ?? 0;
  });
  // From the inside out: a checksum covers what is above it.
  for (let index = headers.length - 1; index >= 0; index--) writeChecksum(bytes, headers, index);
  return bytes;
}

function writeHeader(bytes: Uint8Array, header: PlacedHeader, next: string): void {
  for (const field of header.spec.fields) {
    const value = header.given.get(field.name) ?? filledIn(bytes, header, { field, next });
    writeBits(bytes, placeOf(header, field), value);
  }
}

function filledIn(
  bytes: Uint8Array,
  header: PlacedHeader,
  { field, next }: { field: FieldSpec; next: string }
): bigint {
  switch (field.fill) {
    case 'next':
      return nextNumber(header.spec.name, next) ?? field.initial;
    case 'length': {
      const behind = bytes.length - header.at;
      // IPv6 counts what is behind its header; longer than the field holds: as much as it holds.
      const length = header.spec.name === 'ipv6' ? behind - header.spec.bytes : behind;
      return BigInt(Math.min(length, 0xffff));
    }
    default:
      return field.initial;
  }
}

const placeOf = (header: PlacedHeader, field: FieldSpec): { offset: number; count: number } => ({
  offset: header.at * 8 + field.bitOffset,
  count: field.bits
});

function writeChecksum(bytes: Uint8Array, headers: readonly PlacedHeader[], index: number): void {
  const header = headers[index];
  const field = header?.spec.fields.find(one => one.fill === 'checksum');
  if (!header || !field || header.given.has(field.name)) return;
  const lower = headers[index - 1];
  const place = placeOf(header, field);
  if (header.spec.name === 'ipv4') {
    const length = Number(readBits(bytes, header.at * 8 + 4, 4)) * 4;
    writeBits(bytes, place, BigInt(internetChecksum(bytes.subarray(header.at, header.at + length))));
  } else if (header.spec.name === 'icmp') {
    writeBits(bytes, place, BigInt(internetChecksum(bytes.subarray(header.at))));
  } else if (lower) {
    const network = { name: lower.spec.name, at: lower.at };
    writeBits(bytes, place, BigInt(transportChecksum(bytes, network, { name: header.spec.name, at: header.at })));
  }
}
