/** UTF-8 bytes of a string; lone surrogates become U+FFFD, as TextEncoder does. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    let value = text.charCodeAt(index);
    if (value < 0x80) {
      bytes[length++] = value;
      continue;
    }
    if (value >= 0xd800 && value < 0xe000) {
      const full = text.codePointAt(index) ?? 0xfffd;
      if (full > 0xffff) index++;
      value = full > 0xffff ? full : 0xfffd;
    }
    if (value >= 0x10000) bytes[length++] = 0xf0 | (value >> 18);
    if (value >= 0x10000) bytes[length++] = 0x80 | ((value >> 12) & 0x3f);
    else if (value >= 0x800) bytes[length++] = 0xe0 | (value >> 12);
    if (value >= 0x800) bytes[length++] = 0x80 | ((value >> 6) & 0x3f);
    else bytes[length++] = 0xc0 | (value >> 6);
    bytes[length++] = 0x80 | (value & 0x3f);
  }
  return bytes.slice(0, length);
}
