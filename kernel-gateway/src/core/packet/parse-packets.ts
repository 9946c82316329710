import { closestName } from '../cells/closest-name.js';
import { splitWords } from '../cells/split-words.js';
import { encodeUtf8 } from '../decode/encode-utf8.js';
import { parseInteger } from '../decode/parse-integer.js';
import { unescapeBytes } from '../decode/value-tree.js';
import { LabError } from '../../protocol/index.js';
import { fieldForm, parseField } from './field-text.js';
import { headerSpec, headerTable } from './header.table.js';
import type { ContextSpec, LayerSpec, PacketSpec } from './packet-spec.js';

/** Most bytes of one packet, and most packets of a cell: what a test run takes in one go. */
const MAX_PACKET_BYTES = 65_536;
const MAX_PACKETS = 100;

const words = ['payload', 'hex', 'context', 'expect', ...headerTable.map(header => header.name)];

function invalid(line: number, cause: string): LabError {
  return new LabError('BPFLAB_PACKET_INVALID', `Line ${line} of the packet: ${cause}.`);
}

/** A quoted part, or (captured) a comment to the line's end. */
const QUOTED_OR_COMMENT = /"(?:[^"\\]|\\.)*"?|'[^']*'?|((?:^|(?<=\s))(?:#|\/\/).*)/g;

/** Cuts a comment off: `#` or `//` at the line's start or behind a blank, outside of quotes. */
function withoutComment(text: string): string {
  return text.replace(QUOTED_OR_COMMENT, (piece: string, comment?: string) => (comment === undefined ? piece : ''));
}

function hexBytes(text: string, line: number): Uint8Array {
  const digits = text.replace(/\b0x/gi, '').replace(/[\s:,-]/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw invalid(line, `"${text.slice(0, 40)}" is no hex; write pairs as 0a 1b`);
  return Uint8Array.from(digits.match(/../g) ?? [], pair => parseInt(pair, 16));
}

function payloadBytes(rest: string, line: number): Uint8Array {
  const quoted = /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(rest);
  if (quoted) return Uint8Array.from(unescapeBytes(quoted[1] ?? ''));
  const size = /^size=(\d+)$/.exec(rest);
  if (size) {
    const count = Number(size[1]);
    if (count > MAX_PACKET_BYTES) throw invalid(line, `a packet has at most ${MAX_PACKET_BYTES} bytes`);
    return Uint8Array.from({ length: count }, (_, index) => index & 0xff);
  }
  const hex = /^hex\s+([\s\S]*)$/.exec(rest);
  if (hex) return hexBytes(hex[1] ?? '', line);
  if (rest === '' || /["=]/.test(rest)) throw invalid(line, 'payload takes "text", hex 0a 1b …, or size=N');
  return encodeUtf8(rest);
}

function pairs(rest: string, line: number): { name: string; value: string }[] {
  const split = splitWords(rest);
  if (!split.ok) throw invalid(line, split.message);
  return split.words.map(({ text }) => {
    const equals = text.indexOf('=');
    return equals < 0 ? { name: '', value: text } : { name: text.slice(0, equals), value: text.slice(equals + 1) };
  });
}

function parseHeader(name: string, rest: string, line: number): LayerSpec {
  const header = headerSpec(name);
  if (!header) {
    const near = closestName(name, words);
    throw invalid(line, `there is no "${name}"${near ? `; is it "${near}"` : `; there are ${words.join(', ')}`}`);
  }
  const fields = new Map<string, bigint>();
  for (const pair of pairs(rest, line)) {
    const names = header.fields.map(field => field.name);
    const field = header.fields.find(one => one.name === pair.name);
    if (!field) {
      const near = closestName(pair.name || pair.value, names);
      const guess = near ? `is it "${near}="` : `it has ${names.join(', ')}`;
      throw invalid(line, `${name} has no field "${pair.name || pair.value}"; ${guess}`);
    }
    const value = parseField(field, pair.value);
    if (value === null) throw invalid(line, `${name}.${field.name} takes ${fieldForm(field)}, not "${pair.value}"`);
    if (fields.has(field.name)) throw invalid(line, `${name}.${field.name} is given twice`);
    fields.set(field.name, value);
  }
  return { kind: 'header', name, fields };
}

function parseContext(rest: string, line: number, before: ContextSpec | null): ContextSpec {
  const given = pairs(rest, line);
  if (given.length > 0 && given.every(pair => pair.name === '')) {
    const values = given.map(({ value }) => {
      const number = parseInteger(value);
      if (number === null) throw invalid(line, `"${value}" is no number; context takes FIELD=VALUE or numbers`);
      return number;
    });
    return { kind: 'arguments', values: [...(before?.kind === 'arguments' ? before.values : []), ...values] };
  }
  const nameless = given.find(pair => pair.name === '');
  if (nameless || given.length === 0)
    throw invalid(line, `context takes FIELD=VALUE${nameless ? `, not "${nameless.value}"` : ''}`);
  return { kind: 'members', members: [...(before?.kind === 'members' ? before.members : []), ...given] };
}

function addLine(packet: PacketSpec, text: string, line: number): void {
  const [, word = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  switch (word) {
    case 'payload':
      packet.layers.push({ kind: 'bytes', name: 'payload', bytes: payloadBytes(rest, line) });
      break;
    case 'hex':
      packet.layers.push({ kind: 'bytes', name: 'hex', bytes: hexBytes(rest, line) });
      break;
    case 'context':
      packet.context = parseContext(rest, line, packet.context);
      break;
    case 'expect':
      if (!/^\S+$/.test(rest)) throw invalid(line, 'expect takes one verdict, such as XDP_DROP or 0');
      packet.expect = rest;
      break;
    default:
      packet.layers.push(parseHeader(word, rest, line));
  }
}

const isBlank = (packet: PacketSpec): boolean =>
  packet.layers.length === 0 && packet.context === null && packet.expect === '' && packet.name === '';

/**
 * Reads packets from the body of a cell: a line for each header, from the wire upward; `---` (with a name) begins the next
 * packet. A body that says nothing gives one packet without layers.
 * `bodyLine` is the line of the cell on which the body starts.
 *
 * @throws LabError BPFLAB_PACKET_INVALID with the line of the cell
 */
export function parsePackets(body: string, bodyLine: number): PacketSpec[] {
  const begin = (name: string, line: number): PacketSpec => ({ name, line, layers: [], context: null, expect: '' });
  let packet = begin('', bodyLine);
  const packets: PacketSpec[] = [];
  body.split(/\r\n|\n|\r/).forEach((raw, index) => {
    const line = bodyLine + index;
    const text = withoutComment(raw).trim();
    const next = /^---+\s*([\s\S]*?)\s*(?:-{3,})?$/.exec(text);
    if (next) {
      if (!isBlank(packet)) packets.push(packet);
      packet = begin(next[1] ?? '', line);
    } else if (text !== '') {
      if (isBlank(packet)) packet.line = line;
      addLine(packet, text, line);
    }
  });
  if (!isBlank(packet) || packets.length === 0) packets.push(packet);
  if (packets.length > MAX_PACKETS) throw invalid(bodyLine, `a cell has at most ${MAX_PACKETS} packets`);
  return packets;
}
