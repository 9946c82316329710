/**
 * Bytes to text and back without Node's or the DOM's TextDecoder, which the middle does not have. Bytes that are no
 * UTF-8, and control characters, are written as C escapes, so that every byte of a record can be seen.
 */
const controls = new Map([
  [7, '\\a'],
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [11, '\\v'],
  [12, '\\f'],
  [13, '\\r'],
  [27, '\\e']
]);

const escapeByte = (byte: number): string => controls.get(byte) ?? `\\x${byte.toString(16).padStart(2, '0')}`;

/** Least and greatest second byte after a first byte that allows fewer than 80 … bf (RFC 3629: no overlong forms, no surrogates). */
const secondByte = new Map<number, readonly [number, number]>([
  [0xe0, [0xa0, 0xbf]],
  [0xed, [0x80, 0x9f]],
  [0xf0, [0x90, 0xbf]],
  [0xf4, [0x80, 0x8f]]
]);

/** Length of the valid UTF-8 sequence at `at`, 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > end) return 0;
  const [least, most] = secondByte.get(first) ?? [0x80, 0xbf];
  const second = bytes[at + 1] ?? 0;
  if (second < least || second > most) return 0;
  return bytes.subarray(at + 2, at + length).every(byte => (byte & 0xc0) === 0x80) ? length : 0;
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  let value = (bytes[at] ?? 0) & (0xff >> (length + 1));
  for (let index = 1; index < length; index++) value = (value << 6) | ((bytes[at + index] ?? 0) & 0x3f);
  return value;
}

/** `least`: the smallest byte that is text; smaller ones are escaped. */
function decodeSlow(bytes: Uint8Array, { start, end, least }: { start: number; end: number; least: number }): string {
  let text = '';
  let at = start;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (byte >= least && byte < 0x7f) {
      text += String.fromCharCode(byte);
      at++;
      continue;
    }
    const length = byte < 0x80 ? 0 : sequenceLength(bytes, at, end);
    const value = length > 0 ? codePoint(bytes, at, length) : 0;
    // C1 controls are valid UTF-8, but steer terminals.
    const shown = length > 0 && value >= 0xa0;
    text += shown ? String.fromCodePoint(value) : escapeByte(byte);
    at += shown ? length : 1;
  }
  return text;
}

/** Text of `bytes[start..end)`: UTF-8 as it is, everything else as `\n`, `\xNN` …. A backslash stays one backslash. */
export function decodeText(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x20 || byte >= 0x7f) return text + decodeSlow(bytes, { start: at, end, least: 0x20 });
    text += String.fromCharCode(byte);
  }
  return text;
}

/** The same with control characters as they are: text of source files and names. */
export function decodeSource(bytes: Uint8Array, start: number, end: number): string {
  return decodeSlow(bytes, { start, end, least: 1 });
}

/** The same as a C string literal, which has one meaning: quotes and backslashes are escaped too. */
export function quoteText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let from = start;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte !== 0x22 && byte !== 0x5c) continue;
    text += `${decodeText(bytes, from, at)}\\${String.fromCharCode(byte)}`;
    from = at + 1;
  }
  return `"${text}${decodeText(bytes, from, end)}"`;
}
