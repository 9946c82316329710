/**
 * The keys that may sign what we install. A key is accepted by its fingerprint and nothing else, so it does not
 * matter where its bytes come from: the host's keyrings (Debian), or the mirror itself (Ubuntu has none).
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Fingerprints of Debian's archive keys; source: the package debian-archive-keyring 2025.1. */
const pinnedFingerprints = [
  'B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8', // archive, 12/bookworm
  '05AB90340C0C5E797F44A8C8254CF3B5AEC0A8F0', // security, 12/bookworm
  '4D64FEC119C2029067D6E791F8D2585B8783D481', // stable release, 12/bookworm
  '04B54C3CDCA79751B16BC6B5225629DF75B188BD', // archive, 13/trixie
  '5E04A1E3223A19A20706E20F9904613D4CCE68C6', // security, 13/trixie
  '41587F7DB8C774BCCF131416762F67A0B2C39DE4' // stable release, 13/trixie
];

/** Folders in which Debian keeps keyrings. */
const hostFolders = ['/usr/share/keyrings', '/etc/apt/trusted.gpg.d', '/etc/apt/keyrings'];

/**
 * The pinned keys that the host's keyring files hold, as one binary keyring that gpgv and sqv read.
 *
 * @param {string[]} [folders]
 */
export function keyringOfHost(folders = hostFolders) {
  /** @type {Buffer[]} */
  const files = [];
  for (const folder of folders.filter(path => existsSync(path)))
    for (const name of readdirSync(folder).sort())
      if (/^debian-archive.*\.(gpg|asc|pgp)$/.test(name)) files.push(readFileSync(join(folder, name)));
  return keepPinned(files);
}

/**
 * Keeps the pinned keys of some keyrings, each once.
 *
 * @param {Buffer[]} files - OpenPGP keyrings, binary or armored
 * @param {string[]} [fingerprints]
 * @returns {{ keyring: Buffer, missing: string[] }}
 */
export function keepPinned(files, fingerprints = pinnedFingerprints) {
  /** @type {Map<string, Buffer>} */
  const found = new Map();
  for (const file of files)
    for (const key of splitKeys(dearmor(file)))
      if (fingerprints.includes(key.fingerprint)) found.set(key.fingerprint, key.bytes);
  return {
    keyring: Buffer.concat([...found.values()]),
    missing: fingerprints.filter(fingerprint => !found.has(fingerprint))
  };
}

/**
 * @param {Buffer} file
 * @returns {Buffer}
 */
function dearmor(file) {
  if (!file.subarray(0, 64).toString('latin1').includes('-----BEGIN PGP')) return file;
  const blocks = file.toString('latin1').matchAll(/-----BEGIN PGP[^\n]*\n(?:[^\n]+: [^\n]*\n)*\r?\n([^-]+)-----END/g);
  // The armor's last line is a checksum that begins with "=".
  return Buffer.concat([...blocks].map(block => Buffer.from((block[1] ?? '').replace(/\n=[^\n]*\s*$/, ''), 'base64')));
}

/**
 * Cuts a keyring into keys. A key goes from its public-key packet (tag 6) to the next one.
 * Packet headers: RFC 9580 section 4.2. Fingerprint of version 4: section 5.5.4.2.
 *
 * @param {Buffer} ring
 * @returns {{ fingerprint: string, bytes: Buffer }[]}
 */
export function splitKeys(ring) {
  /** @type {{ fingerprint: string, start: number }[]} */
  const starts = [];
  let end = 0;
  for (let at = 0; at < ring.length; at = end) {
    const packet = packetAt(ring, at);
    if (!packet) break;
    end = packet.end;
    const body = ring.subarray(packet.body, packet.end);
    if (packet.tag === 6 && body[0] === 4) {
      const head = Buffer.from([0x99, body.length >> 8, body.length & 255]);
      const fingerprint = createHash('sha1').update(head).update(body).digest('hex').toUpperCase();
      starts.push({ fingerprint, start: at });
    }
  }
  return starts.map(({ fingerprint, start }, index) => ({
    fingerprint,
    bytes: ring.subarray(start, starts[index + 1]?.start ?? end)
  }));
}

/**
 * @param {Buffer} ring
 * @param {number} at
 * @returns {{ tag: number, body: number, end: number } | null} null for what is no packet or goes beyond the end
 */
function packetAt(ring, at) {
  const head = ring[at] ?? 0;
  if (!(head & 0x80) || at + 6 > ring.length) return null;
  const isNew = (head & 0x40) !== 0;
  const size = isNew ? newLength(ring, at + 1) : oldLength(ring, at + 1, head & 3);
  if (!size) return null;
  const body = at + 1 + size.bytes;
  const tag = isNew ? head & 0x3f : (head & 0x3f) >> 2;
  return body + size.length <= ring.length ? { tag, body, end: body + size.length } : null;
}

/**
 * @param {Buffer} ring
 * @param {number} at
 */
function newLength(ring, at) {
  const first = ring[at] ?? 0;
  if (first < 192) return { bytes: 1, length: first };
  if (first < 224) return { bytes: 2, length: (first - 192) * 256 + (ring[at + 1] ?? 0) + 192 };
  // Partial lengths are not allowed for keys.
  return first === 255 ? { bytes: 5, length: ring.readUInt32BE(at + 1) } : null;
}

/**
 * @param {Buffer} ring
 * @param {number} at
 * @param {number} type
 */
function oldLength(ring, at, type) {
  const bytes = 1 << type;
  return bytes > 4 ? null : { bytes, length: ring.readUIntBE(at, bytes) };
}
