/** Values of header fields as people write them: addresses, numbers, names, flags. */
import { parseInteger } from '../decode/parse-integer.js';
import type { FieldSpec } from './header.table.js';

const ADDRESS_WORDS = 8;

function parseMac(text: string): bigint | null {
  return /^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}$/i.test(text)
    ? BigInt(
        `0x${text
          .split(/[:-]/)
          .map(part => part.padStart(2, '0'))
          .join('')}`
      )
    : null;
}

function parseIpv4(text: string): bigint | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some(part => part > 255)) return null;
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | null {
  // The last 32 bits may be written as an IPv4 address.
  const plain = text.replace(/\d+\.\d+\.\d+\.\d+$/, tail => {
    const low = parseIpv4(tail);
    return low === null ? tail : `${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  });
  const halves = plain.split('::');
  const [head = [], rest = []] = halves.map(half => (half === '' ? [] : half.split(':')));
  const missing = ADDRESS_WORDS - head.length - rest.length;
  const isWhole = halves.length === 1 && missing === 0;
  if (!isWhole && !(halves.length === 2 && missing > 0)) return null;
  const words = [...head, ...Array<string>(missing).fill('0'), ...rest];
  if (!words.every(word => /^[0-9a-f]{1,4}$/i.test(word))) return null;
  return words.reduce((value, word) => (value << 16n) | BigInt(`0x${word}`), 0n);
}

/** RFC 5952: the longest run of two or more zero words is `::`. */
function ipv6Text(value: bigint): string {
  const words = Array.from({ length: ADDRESS_WORDS }, (_, index) =>
    ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16)
  );
  let best = { start: -1, length: 1 };
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (words[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.start < 0) return words.join(':');
  return `${words.slice(0, best.start).join(':')}::${words.slice(best.start + best.length).join(':')}`;
}

function parseFlags(field: FieldSpec, text: string): bigint | null {
  if (/^(none|0)$/i.test(text)) return 0n;
  let value = 0n;
  for (const word of text.split(/[,|+]/)) {
    const known = field.names.find(([name]) => name.toLowerCase() === word.trim().toLowerCase());
    if (!known) return parseInteger(text);
    value |= BigInt(known[1]);
  }
  return value;
}

function flagsText(field: FieldSpec, value: bigint): string {
  const names = field.names.filter(([, bit]) => (value & BigInt(bit)) !== 0n).map(([name]) => name);
  return names.length === 0 ? 'none' : names.join(',');
}

/** The number that a text means in a field, or null when it means none, or one that the field does not hold. */
export function parseField(field: FieldSpec, text: string): bigint | null {
  const value = parseByKind(field, text);
  return value !== null && value >= 0n && value < 1n << BigInt(field.bits) ? value : null;
}

function parseByKind(field: FieldSpec, text: string): bigint | null {
  switch (field.kind) {
    case 'mac':
      return /^broadcast$/i.test(text) ? 0xffffffffffffn : parseMac(text);
    case 'ipv4':
      return parseIpv4(text);
    case 'ipv6':
      return parseIpv6(text);
    case 'flags':
      return parseFlags(field, text);
    default: {
      const named = field.names.find(([name]) => name === text.toLowerCase());
      return named ? BigInt(named[1]) : parseInteger(text);
    }
  }
}

/** A field's value as text that `parseField` reads back, names in front where there are some. */
export function fieldText(field: FieldSpec, value: bigint): string {
  switch (field.kind) {
    case 'mac':
      return (value.toString(16).padStart(12, '0').match(/../g) ?? []).join(':');
    case 'ipv4':
      return [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 0xffn).join('.');
    case 'ipv6':
      return ipv6Text(value);
    case 'flags':
      return flagsText(field, value);
    case 'hex':
      return namedOr(field, value, `0x${value.toString(16).padStart(Math.ceil(field.bits / 4), '0')}`);
    default:
      return namedOr(field, value, value.toString());
  }
}

function namedOr(field: FieldSpec, value: bigint, plain: string): string {
  return field.names.find(([, number]) => BigInt(number) === value)?.[0] ?? plain;
}

/** What a field takes, for messages. */
export function fieldForm(field: FieldSpec): string {
  switch (field.kind) {
    case 'mac':
      return 'an address such as 02:00:00:00:00:01';
    case 'ipv4':
      return 'an address such as 10.0.0.1';
    case 'ipv6':
      return 'an address such as fd00::1';
    case 'flags':
      return `flags such as ${field.names
        .slice(-2)
        .map(([name]) => name)
        .join(',')}`;
    default: {
      const names = field.names.length === 0 ? '' : ` or ${field.names.map(([name]) => name).join(', ')}`;
      return `a number from 0 to ${(1n << BigInt(field.bits)) - 1n}${names}`;
    }
  }
}
