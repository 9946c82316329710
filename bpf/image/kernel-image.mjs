/** What is inside a bzImage: the uncompressed kernel, which boots faster (PVH), and its type information. */

/**
 * The compressed kernel in a bzImage of boot protocol 2.08 or newer, and how it is compressed.
 * Source: Documentation/arch/x86/boot.rst, fields setup_sects, payload_offset and payload_length.
 *
 * @param {Buffer} image
 * @returns {{ format: 'gzip' | 'xz' | 'zstd' | 'lz4', payload: Buffer }} without the four bytes of the size behind it,
 *   which are no part of an xz, zstd or lz4 stream; gzip has them as its own
 * @throws {Error} when it is no bzImage, or packed by another method
 */
export function compressedKernel(image) {
  if (image.length < 0x250 || image.toString('latin1', 0x202, 0x206) !== 'HdrS') throw new Error('it is no bzImage');
  const setupSectors = image[0x1f1] || 4;
  const start = (setupSectors + 1) * 512 + image.readUInt32LE(0x248);
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c));
  const magic = payload.toString('hex', 0, 6);
  if (magic.startsWith('1f8b')) return { format: 'gzip', payload };
  const body = payload.subarray(0, -4);
  if (magic.startsWith('28b52ffd')) return { format: 'zstd', payload: body };
  if (magic === 'fd377a585a00') return { format: 'xz', payload: body };
  if (magic.startsWith('02214c18')) return { format: 'lz4', payload: body };
  throw new Error(`its kernel is packed in an unknown way (${magic})`);
}

/**
 * The bytes of a section of a 64-bit little-endian ELF file.
 *
 * @param {Buffer} elf
 * @param {string} name - such as ".BTF"
 * @returns {Buffer | null} a view; null when there is no such section
 */
export function elfSection(elf, name) {
  if (elf.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') throw new Error('it is no 64-bit little-endian ELF file');
  const table = Number(elf.readBigUInt64LE(40));
  const entryBytes = elf.readUInt16LE(58);
  const count = elf.readUInt16LE(60);
  const header = (/** @type {number} */ index) =>
    elf.subarray(table + index * entryBytes, table + (index + 1) * entryBytes);
  const bodyOf = (/** @type {Buffer} */ section) => {
    const offset = Number(section.readBigUInt64LE(24));
    return elf.subarray(offset, offset + Number(section.readBigUInt64LE(32)));
  };
  if (count === 0) return null;
  const names = bodyOf(header(elf.readUInt16LE(62)));
  for (let index = 0; index < count; index++) {
    const start = header(index).readUInt32LE(0);
    if (names.toString('latin1', start, names.indexOf(0, start)) === name) return bodyOf(header(index));
  }
  return null;
}
