import { objectInvalid } from './object-invalid.js';

/** Bytes behind an entry's header: fixed, and for each of its items (include/uapi/linux/btf.h). */
const FIXED_BYTES = [0, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0];
const ITEM_BYTES = [0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12];
const HEADER_BYTES = 12;

/**
 * One pass over the headers of a type section, in the order of ids from 1: a kernel has 100,000, and few are wanted.
 *
 * @param types - the type section
 * @param visit - gets BTF_KIND, the offset of the name in the string section, and that of the header in the type section
 * @throws LabError BPFLAB_OBJECT_INVALID when it is broken
 */
export function eachBtfHeader(types: DataView, visit: (kind: number, nameOffset: number, at: number) => void): void {
  for (let at = 0; at < types.byteLength;) {
    if (at + HEADER_BYTES > types.byteLength) throw objectInvalid('its BTF ends in the middle of a type');
    const info = types.getUint32(at + 4, true);
    const kind = (info >>> 24) & 0x1f;
    const item = ITEM_BYTES[kind];
    if (item === undefined || kind === 0) throw objectInvalid(`its BTF has a type of the unknown kind ${kind}`);
    visit(kind, types.getUint32(at, true), at);
    at += HEADER_BYTES + (FIXED_BYTES[kind] ?? 0) + item * (info & 0xffff);
  }
}
