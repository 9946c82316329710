import { objectInvalid } from './object-invalid.js';
import { decodeSource } from '../decode/decode-text.js';

/**
 * Little-endian cursor over a byte range. Every read is checked: outside the range it throws BPFLAB_OBJECT_INVALID with
 * the name of the range, so that a broken file can never read other memory or crash the reader.
 */
export class ByteReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at: number;

  /** `what` names the range in error messages; reading starts at `at`. */
  constructor(bytes: Uint8Array, what: string, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
    this.#at = at;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get at(): number {
    return this.#at;
  }

  /** Moves to an absolute position; the end itself is allowed. */
  seek(at: number): this {
    if (!(at >= 0 && at <= this.#bytes.length)) throw objectInvalid(`${this.#what} has nothing at offset ${at}`);
    this.#at = at;
    return this;
  }

  skip(count: number): void {
    this.#take(count);
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** A 64-bit size, offset or address that must be exact as a JavaScript number. */
  size64(): number {
    const at = this.#take(8);
    const high = this.#view.getUint32(at + 4, true);
    if (high >= 0x200000) throw objectInvalid(`${this.#what} has a size of ${this.#view.getBigUint64(at, true)} bytes`);
    return high * 0x100000000 + this.#view.getUint32(at, true);
  }

  /** DWARF unsigned LEB128; more than 53 bits are an error. */
  uleb(): number {
    const first = this.u8();
    return first < 0x80 ? first : this.#longUleb(first & 0x7f);
  }

  #longUleb(low: number): number {
    let value = low;
    let scale = 128;
    for (let index = 1; index < 10; index++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= 128;
    }
    throw objectInvalid(`${this.#what} has a LEB128 number that is too long`);
  }

  /** Moves over a LEB128 number of any length. */
  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  /** DWARF unsigned LEB128 of up to 64 bits. */
  uleb64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw objectInvalid(`${this.#what} has a LEB128 number that is too long`);
  }

  /** DWARF signed LEB128, at most 64 bits. */
  sleb(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return byte & 0x40 ? value - (1n << (shift + 7n)) : value;
    }
    throw objectInvalid(`${this.#what} has a LEB128 number that is too long`);
  }

  /** A view (no copy) of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    const start = this.#take(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** The NUL-terminated text at an absolute position; the cursor does not move. */
  textAt(at: number): string {
    if (!(at >= 0 && at < this.#bytes.length)) throw objectInvalid(`${this.#what} has no text at offset ${at}`);
    const end = this.#bytes.indexOf(0, at);
    return decodeSource(this.#bytes, at, end < 0 ? this.#bytes.length : end);
  }

  /** The NUL-terminated text at the cursor, which moves behind the NUL. */
  text(): string {
    const start = this.#at;
    const text = this.textAt(start);
    const end = this.#bytes.indexOf(0, start);
    this.#at = end < 0 ? this.#bytes.length : end + 1;
    return text;
  }

  #take(count: number): number {
    const start = this.#at;
    if (!(count >= 0 && start + count <= this.#bytes.length)) {
      throw objectInvalid(`${this.#what} ends in the middle of a value at offset ${start}`);
    }
    this.#at = start + count;
    return start;
  }
}
