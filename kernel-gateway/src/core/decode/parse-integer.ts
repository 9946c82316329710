/** Integer of any base that BigInt reads, with sign and digit separators; null when it is none. */
export function parseInteger(text: string): bigint | null {
  const match = /^([+-]?)\s*(0x[0-9a-f_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*)$/i.exec(text.trim());
  if (!match) return null;
  const digits = (match[2] ?? '').replaceAll('_', '');
  if (/^0[xob]$/i.test(digits)) return null;
  const value = BigInt(digits);
  return match[1] === '-' ? -value : value;
}
