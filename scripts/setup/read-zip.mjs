import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * One file of a zip archive (a Python wheel is one). Archives over 4 GB and encrypted ones are not read.
 *
 * @param {Buffer} archive
 * @param {string} name - as the archive has it, with slashes
 * @returns {Buffer | null} its bytes; null when there is no such file
 */
export function readZip(archive, name) {
  const end = archive.lastIndexOf(Buffer.from('PK\u0005\u0006'));
  if (end < 0 || archive.readUInt32LE(end) !== END_OF_DIRECTORY) throw new Error('It is no zip archive.');
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== ENTRY) throw new Error('The directory of the zip archive is broken.');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map(offset => archive.readUInt16LE(at + offset));
    const next = at + 46 + (nameBytes ?? 0) + (extraBytes ?? 0) + (commentBytes ?? 0);
    if (archive.toString('utf8', at + 46, at + 46 + (nameBytes ?? 0)) === name) return contentOf(archive, at);
    at = next;
  }
  return null;
}

/**
 * @param {Buffer} archive
 * @param {number} entry - where its entry in the directory begins
 */
function contentOf(archive, entry) {
  const method = archive.readUInt16LE(entry + 10);
  const packedBytes = archive.readUInt32LE(entry + 20);
  const local = archive.readUInt32LE(entry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + packedBytes);
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw new Error(`The zip archive is packed with method ${method}.`);
  return inflateRawSync(packed);
}
