import { parseValue } from '../decode/parse-value.js';
import { formatValue } from '../decode/value-text.js';
import { sizeOf, stripType } from '../object/type-layout.js';
import { LabError, type ContextChange } from '../../protocol/index.js';
import type { ContextType } from './context-types.js';
import type { ContextSpec } from './packet-spec.js';

/** Arguments that a raw tracepoint's program has room for (MAX_BPF_FUNC_ARGS, linux/bpf.h). */
const MAX_ARGUMENTS = 12;

/** 64-bit arguments, little-endian, as raw tracepoints take them. */
function argumentBytes(values: readonly bigint[]): Uint8Array {
  if (values.length > MAX_ARGUMENTS)
    throw new LabError(
      'BPFLAB_PACKET_INVALID',
      `A program has at most ${MAX_ARGUMENTS} arguments, not ${values.length}.`
    );
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setBigUint64(index * 8, BigInt.asUintN(64, value), true));
  return bytes;
}

/**
 * Bytes of a context; without `spec` all members are 0. An XDP context says where the packet ends, as the kernel wants it.
 *
 * @param type - null where it is arguments, or not known
 * @throws LabError BPFLAB_VALUE_INVALID, BPFLAB_PACKET_INVALID
 */
export function contextBytes(type: ContextType | null, spec: ContextSpec | null, packetBytes: number): Uint8Array {
  if (spec?.kind === 'arguments') return argumentBytes(spec.values);
  if (type === null) {
    if (spec === null) return new Uint8Array(0);
    throw new LabError(
      'BPFLAB_PACKET_INVALID',
      'The context of this program has no fields; it takes numbers, or none.'
    );
  }
  const given = spec?.members ?? [];
  const text = given.map(({ name, value }) => `.${name} = ${value}`).join(', ');
  const bytes = parseValue(type.types, type.type, `{${text}}`);
  const { type: struct } = stripType(type.types, type.type);
  if (struct.kind === 'struct' && struct.name === 'xdp_md' && !given.some(({ name }) => name === 'data_end'))
    new DataView(bytes.buffer).setUint32(4, packetBytes, true);
  return bytes;
}

/** Members that only tell where the packet is, or that the kernel fills in at the end of a test run. */
const notOfTheProgram = new Set(['data', 'data_end', 'data_meta', 'ifindex', 'ingress_ifindex', 'wire_len', 'len']);

/** Members of a context that a program has written, as text. */
export function contextChanges(type: ContextType | null, before: Uint8Array, after: Uint8Array): ContextChange[] {
  const struct = type === null ? null : stripType(type.types, type.type).type;
  if (type === null || struct?.kind !== 'struct' || after.length < before.length || before.length === 0) return [];
  return struct.members.flatMap(({ name, type: member, bitOffset }) => {
    const from = bitOffset / 8;
    const end = from + sizeOf(type.types, member);
    if (notOfTheProgram.has(name) || end > after.length) return [];
    const [old, now] = [before, after].map(bytes => formatValue(type.types, member, bytes.slice(from, end)));
    return old === now ? [] : [{ name, before: old ?? '', after: now ?? '' }];
  });
}
