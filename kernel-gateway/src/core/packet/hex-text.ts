const ROW_BYTES = 16;

type Ranges = readonly [number, number][];

/** The character between two bytes of a row: brackets stand around what was changed. */
function between(changed: Ranges, at: number, row: { start: number; end: number }): string {
  const isChanged = (index: number): boolean =>
    index >= row.start && index < row.end && changed.some(([from, to]) => index >= from && index < to);
  if (isChanged(at) === isChanged(at - 1)) return ' ';
  return isChanged(at) ? '[' : ']';
}

const character = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');

/**
 * Bytes as a hex view: 16 a row with offset and characters. With `changed` ranges, those bytes stand between `[` and `]`.
 */
export function hexText(bytes: Uint8Array, changed: Ranges = []): string {
  const rows: string[] = [];
  for (let start = 0; start < bytes.length; start += ROW_BYTES) {
    const row = { start, end: Math.min(start + ROW_BYTES, bytes.length) };
    const shown = [...bytes.subarray(start, row.end)];
    const hex = shown.map((byte, index) => between(changed, start + index, row) + byte.toString(16).padStart(2, '0'));
    const line = (hex.join('') + between(changed, row.end, row)).padEnd(ROW_BYTES * 3 + 1);
    rows.push(`${start.toString(16).padStart(4, '0')} ${line} ${shown.map(character).join('')}`);
  }
  return rows.join('\n');
}
