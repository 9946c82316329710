/** Readers of integers and bit-fields of any width up to 64 bits, little-endian, as two 32-bit halves. */
import type { Row, Words } from './column.js';

const zero = (): number => 0;

/** An integer of 1, 2, 4 or 8 bytes at a byte offset of the record. */
export function integerWords(offset: number, size: number, signed: boolean): Words {
  if (size === 8 || size === 4 || size === 2 || size === 1) {
    return { ...plainWords(offset, size, signed), plain: { offset, size, signed } };
  }
  return bitFieldWords(offset * 8, size * 8, signed);
}

function plainWords(offset: number, size: 1 | 2 | 4 | 8, signed: boolean): Words {
  const signOf = (value: number): number => (value >> 31) >>> 0;
  if (size === 8) {
    return {
      low: row => row.view.getUint32(row.at + offset, true),
      high: row => row.view.getUint32(row.at + offset + 4, true)
    };
  }
  if (size === 4) {
    const low = (row: Row): number => row.view.getUint32(row.at + offset, true);
    return { low, high: signed ? row => signOf(low(row)) : zero };
  }
  if (size === 2) {
    if (!signed) return { low: row => row.view.getUint16(row.at + offset, true), high: zero };
    const value = (row: Row): number => row.view.getInt16(row.at + offset, true);
    return { low: row => value(row) >>> 0, high: row => signOf(value(row)) };
  }
  if (!signed) return { low: row => row.view.getUint8(row.at + offset), high: zero };
  const value = (row: Row): number => row.view.getInt8(row.at + offset);
  return { low: row => value(row) >>> 0, high: row => signOf(value(row)) };
}

/** Bits [start, start + count) of the record, count ≤ 32: five bytes hold them, which a double adds up exactly. */
function bits(row: Row, start: number, count: number): number {
  const shift = start & 7;
  const first = row.at + (start >> 3);
  const byteCount = (shift + count + 7) >> 3;
  let value = 0;
  for (let index = byteCount - 1; index >= 0; index--) value = value * 256 + row.view.getUint8(first + index);
  return Math.floor(value / 2 ** shift) % 2 ** count;
}

/** A bit-field of 1 to 64 bits, counted from the least significant bit of the record's first byte. */
export function bitFieldWords(bitOffset: number, bitSize: number, signed: boolean): Words {
  if (bitSize <= 32) {
    const value = (row: Row): number => bits(row, bitOffset, bitSize);
    if (!signed) return { low: value, high: zero };
    const extend = 32 - bitSize;
    const signedValue = (row: Row): number => (value(row) << extend) >> extend;
    return { low: row => signedValue(row) >>> 0, high: row => (signedValue(row) >> 31) >>> 0 };
  }
  const highBits = bitSize - 32;
  const extend = 32 - highBits;
  const high = (row: Row): number => bits(row, bitOffset + 32, highBits);
  return {
    low: row => bits(row, bitOffset, 32),
    high: signed ? row => ((high(row) << extend) >> extend) >>> 0 : high
  };
}

/** The value of both halves; `signed` reads them as two's complement. */
export function wordsToBigint(low: number, high: number, signed: boolean): bigint {
  const value = (BigInt(high) << 32n) | BigInt(low);
  return signed ? BigInt.asIntN(64, value) : value;
}

/** Decimal text of both halves, without a bigint where a double is exact. */
export function wordsToText(low: number, high: number, signed: boolean): string {
  if (high < 0x200000) return String(high * 0x100000000 + low);
  if (signed && high === 0xffffffff) return String(low - 0x100000000);
  return wordsToBigint(low, high, signed).toString();
}
