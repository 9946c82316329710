/** Layouts of the contexts that programs are given, as the kernel promises them (linux/bpf.h, UAPI). */
import type { Member, Type, TypeId, TypeTable } from '../object/type-table.js';

/** A struct in a table of its own. */
export interface ContextType {
  types: TypeTable;
  type: TypeId;
}

const U32 = 1;
const U64 = 2;
const U8 = 3;
const basics: Type[] = [
  { kind: 'void' },
  { kind: 'int', name: '__u32', size: 4, encoding: 'unsigned' },
  { kind: 'int', name: '__u64', size: 8, encoding: 'unsigned' },
  { kind: 'int', name: '__u8', size: 1, encoding: 'unsigned' }
];

/** `name`: u32, `name:8`: u64, `name:1`: u8, `name[5]`: u32 array; aligned as C does it. */
function struct(name: string, text: string): ContextType {
  const types = [...basics];
  const members: Member[] = [];
  let offset = 0;
  for (const word of text.split(' ')) {
    const [, member = '', count, bytes] = /^(\w+)(?:\[(\d+)\])?(?::(\d))?$/.exec(word) ?? [];
    const size = Number(bytes ?? 4);
    offset = Math.ceil(offset / size) * size;
    let type = size === 8 ? U64 : size === 1 ? U8 : U32;
    if (count !== undefined) type = types.push({ kind: 'array', element: U32, count: Number(count) }) - 1;
    members.push({ name: member, type, bitOffset: offset * 8, bitSize: 0 });
    offset += size * Number(count ?? 1);
  }
  const type = types.push({ kind: 'struct', name, size: Math.ceil(offset / 4) * 4, members }) - 1;
  return { types: { types }, type };
}

const xdpMd = struct('xdp_md', 'data data_end data_meta ingress_ifindex rx_queue_index egress_ifindex');
const skBuff = struct(
  '__sk_buff',
  'len pkt_type mark queue_mapping protocol vlan_present vlan_tci vlan_proto priority ingress_ifindex ifindex tc_index ' +
    'cb[5] hash tc_classid data data_end napi_id family remote_ip4 local_ip4 remote_ip6[4] local_ip6[4] remote_port ' +
    'local_port data_meta flow_keys:8 tstamp:8 wire_len gso_segs sk:8 gso_size tstamp_type:1 hwtstamp:8'
);

/** The layout of `struct xdp_md` or `struct __sk_buff`. */
export function contextType(name: 'xdp_md' | '__sk_buff'): ContextType {
  return name === 'xdp_md' ? xdpMd : skBuff;
}

/** The struct that a program's argument points to, by the function in the object's BTF; null when it is not told. */
export function argumentType(
  btf: { types: Type[]; functions: ReadonlyMap<TypeId, { name: string; type: TypeId }> },
  program: string
): ContextType | null {
  const found = [...btf.functions.values()].find(one => one.name === program);
  const prototype = found && btf.types[found.type];
  let type = prototype?.kind === 'function' ? btf.types[prototype.parameters[0]?.type ?? 0] : undefined;
  let id = 0;
  for (let depth = 0; type && depth < 16; depth++) {
    if (type.kind === 'struct') return { types: { types: btf.types }, type: id };
    if (type.kind !== 'pointer' && type.kind !== 'typedef' && type.kind !== 'qualifier') return null;
    id = type.target;
    type = btf.types[id];
  }
  return null;
}
