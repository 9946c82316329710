/** Numbers of any number of bits in a packet: network order, bit 0 is the highest of the first byte. */

/** Reads `count` bits at `offset`; bits behind the end count as 0. */
export function readBits(bytes: Uint8Array, offset: number, count: number): bigint {
  let value = 0n;
  for (let bit = offset; bit < offset + count;) {
    const inByte = bit & 7;
    const taken = Math.min(8 - inByte, offset + count - bit);
    const part = ((bytes[bit >> 3] ?? 0) >> (8 - inByte - taken)) & ((1 << taken) - 1);
    value = (value << BigInt(taken)) | BigInt(part);
    bit += taken;
  }
  return value;
}

/** Writes the low `count` bits of `value` at `offset`; the rest stays. The bytes must be there. */
export function writeBits(
  bytes: Uint8Array,
  { offset, count }: { offset: number; count: number },
  value: bigint
): void {
  for (let bit = offset + count; bit > offset;) {
    const inByte = ((bit - 1) & 7) + 1;
    const taken = Math.min(inByte, bit - offset);
    const shift = 8 - inByte;
    const mask = ((1 << taken) - 1) << shift;
    const part = Number(value & ((1n << BigInt(taken)) - 1n)) << shift;
    bytes[(bit - 1) >> 3] = ((bytes[(bit - 1) >> 3] ?? 0) & ~mask) | part;
    value >>= BigInt(taken);
    bit -= taken;
  }
}
