import type { PacketField, PacketLayer } from '../../protocol/index.js';
import { readBits } from './bits.js';
import { internetChecksum, transportChecksum } from './checksum.js';
import { fieldText } from './field-text.js';
import { headerSpec, type FieldSpec, type HeaderSpec } from './header.table.js';

/** Headers in one packet; more is a loop of something that is no packet. */
const MAX_LAYERS = 16;

/** A header that was found, and the bytes that belong to it (IP may say that it ends before the packet does). */
interface Found {
  spec: HeaderSpec;
  at: number;
  size: number;
  end: number;
}

/** Length in bytes that a header says itself (IPv4 and TCP count 32-bit words), at least its own. */
function sizeOfHeader(bytes: Uint8Array, spec: HeaderSpec, at: number): number {
  if (spec.name === 'ipv4') return Math.max(20, Number(readBits(bytes, at * 8 + 4, 4)) * 4);
  if (spec.name === 'tcp') return Math.max(20, Number(readBits(bytes, at * 8 + 96, 4)) * 4);
  return spec.bytes;
}

/** Where what the header carries ends: Ethernet pads short packets, IP says how long it is. */
function endOfContent(bytes: Uint8Array, spec: HeaderSpec, { at, end }: { at: number; end: number }): number {
  const said =
    spec.name === 'ipv4'
      ? at + Number(readBits(bytes, at * 8 + 16, 16))
      : spec.name === 'ipv6'
        ? at + 40 + Number(readBits(bytes, at * 8 + 32, 16))
        : end;
  return said >= at + spec.bytes ? Math.min(said, end) : end;
}

function nextName(bytes: Uint8Array, { spec, at }: Found): string {
  // A later fragment begins in the middle of what it carries.
  if (spec.name === 'ipv4' && readBits(bytes, at * 8 + 51, 13) !== 0n) return '';
  const field = spec.fields.find(one => one.fill === 'next');
  const value = field ? readBits(bytes, at * 8 + field.bitOffset, field.bits) : null;
  // 802.1ad: the outer of two tags.
  if (field?.bits === 16 && value === 0x88a8n) return 'vlan';
  return field?.names.find(([, number]) => BigInt(number) === value)?.[0] ?? '';
}

function findHeaders(bytes: Uint8Array, first: string): Found[] {
  const found: Found[] = [];
  let name = first;
  let at = 0;
  let end = bytes.length;
  while (found.length < MAX_LAYERS) {
    const spec = headerSpec(name);
    if (!spec || at + spec.bytes > end) break;
    const size = Math.min(sizeOfHeader(bytes, spec, at), end - at);
    end = endOfContent(bytes, spec, { at, end });
    const header = { spec, at, size, end };
    found.push(header);
    name = nextName(bytes, header);
    at += size;
  }
  return found;
}

function checksumProblem(bytes: Uint8Array, headers: readonly Found[], index: number): string {
  const header = headers[index];
  if (!header) return '';
  const { spec, at, size, end } = header;
  if (spec.name === 'ipv4') return internetChecksum(bytes.subarray(at, at + size)) === 0 ? '' : 'does not fit';
  if (spec.name === 'icmp') return internetChecksum(bytes.subarray(at, end)) === 0 ? '' : 'does not fit';
  const lower = headers[index - 1];
  if (!lower) return '';
  // A UDP checksum of 0 says that there is none.
  if (spec.name === 'udp' && readBits(bytes, at * 8 + 48, 16) === 0n) return '';
  const sum = transportChecksum(bytes, { name: lower.spec.name, at: lower.at }, { name: spec.name, at, end });
  return sum === 0 ? '' : 'does not fit';
}

function readField(
  bytes: Uint8Array,
  headers: readonly Found[],
  place: { index: number; field: FieldSpec }
): PacketField {
  const { index, field } = place;
  const bitOffset = (headers[index]?.at ?? 0) * 8 + field.bitOffset;
  return {
    name: field.name,
    bit_offset: bitOffset,
    bit_size: field.bits,
    text: fieldText(field, readBits(bytes, bitOffset, field.bits)),
    problem: field.fill === 'checksum' ? checksumProblem(bytes, headers, index) : ''
  };
}

function rest(bytes: Uint8Array, name: string, [offset, end]: [number, number]): PacketLayer[] {
  if (offset >= end) return [];
  const field = { name: 'bytes', bit_offset: offset * 8, bit_size: (end - offset) * 8, problem: '' };
  return [{ name, offset, size: end - offset, fields: [{ ...field, text: printable(bytes.subarray(offset, end)) }] }];
}

const MAX_SHOWN_BYTES = 32;

/** Text where it is text, else hex, the first 32 bytes of it. */
function printable(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, MAX_SHOWN_BYTES);
  const more = bytes.length > shown.length ? '…' : '';
  const isText = shown.every(byte => (byte >= 0x20 && byte < 0x7f) || byte === 10 || byte === 13 || byte === 9);
  if (!isText) return `${[...shown].map(byte => byte.toString(16).padStart(2, '0')).join(' ')}${more}`;
  return `${JSON.stringify(String.fromCharCode(...shown))}${more}`;
}

/**
 * Reads a packet's headers; what is behind the last known one is `payload`, what Ethernet has put behind IP's end is
 * `padding`. Never fails: bytes that are no packet are payload. `first` is the header that the bytes begin with: eth, or ipv4 and ipv6 where a program does not see Ethernet.
 */
export function decodePacket(bytes: Uint8Array, first = 'eth'): PacketLayer[] {
  const headers = findHeaders(bytes, first);
  const layers = headers.map(({ spec, at, size }, index): PacketLayer => {
    const fields = spec.fields.map(field => readField(bytes, headers, { index, field }));
    const options = rest(bytes, 'options', [at + spec.bytes, at + size]).flatMap(layer => layer.fields);
    const named = options.map(option => ({ ...option, name: 'options' }));
    return { name: spec.name, offset: at, size, fields: [...fields, ...named] };
  });
  const last = headers.at(-1);
  const behind = last ? last.at + last.size : 0;
  const end = last?.end ?? bytes.length;
  return [...layers, ...rest(bytes, 'payload', [behind, end]), ...rest(bytes, 'padding', [end, bytes.length])];
}
