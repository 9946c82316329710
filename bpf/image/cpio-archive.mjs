/**
 * @typedef {object} CpioEntry
 * @property {string} name - path without a leading slash
 * @property {number} mode - type and permission bits, such as 0o100755; see inode(7)
 * @property {Uint8Array} [data] - of a file; target of a symbolic link
 * @property {[number, number]} [device] - major and minor of a device node
 */

/**
 * An archive in the "newc" format that the kernel unpacks as initramfs; everything belongs to root, times are 0, so
 * the same entries give the same bytes. Format: Documentation/driver-api/early-userspace/buffer-format.rst.
 *
 * @param {CpioEntry[]} entries - folders before what is in them
 * @returns {Buffer}
 */
export function cpioArchive(entries) {
  const pieces = entries.flatMap((entry, index) => member(entry, index + 1));
  return Buffer.concat([...pieces, ...member({ name: 'TRAILER!!!', mode: 0 }, 0)]);
}

/**
 * @param {CpioEntry} entry
 * @param {number} inode
 */
function member({ name, mode, data = Buffer.alloc(0), device = [0, 0] }, inode) {
  const nameBytes = Buffer.from(`${name}\0`);
  const isFolder = (mode & 0o170000) === 0o040000;
  // ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
  const fields = [inode, mode, 0, 0, isFolder ? 2 : 1, 0, data.length, 0, 0, ...device, nameBytes.length, 0];
  const header = `070701${fields.map(field => field.toString(16).padStart(8, '0')).join('')}`;
  const head = Buffer.concat([Buffer.from(header, 'latin1'), nameBytes]);
  return [head, padding(head.length), data, padding(data.length)];
}

/** @param {number} length */
function padding(length) {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
