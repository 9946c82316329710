/** What may stand behind the slash of a SEC name, from the target's facts. */
import { sectionMeaningTable } from '../cells/section-meaning.table.js';
import { sectionTable } from '../object/section.table.js';
import type { LanguageFacts } from './language-facts.js';

/** Targets of one kind that are offered at most. */
const LIMIT = 200;

type Targets = (prefix: string, facts: LanguageFacts) => string[];

const functionsFrom =
  (before: string): Targets =>
  (prefix, { kernel }) =>
    (kernel?.namesFrom('function', before + prefix, LIMIT) ?? []).map(name => name.slice(before.length));

const structsFrom =
  (before: string): Targets =>
  (prefix, { kernel }) =>
    (kernel?.namesFrom('struct', before + prefix, LIMIT) ?? []).map(name => name.slice(before.length));

/** `category/name`; a category alone first, with its slash. */
const tracepoints: Targets = (prefix, facts) => {
  const all = facts.tracepoints.map(name => name.replace(':', '/'));
  if (prefix.includes('/')) return all.filter(name => name.startsWith(prefix)).slice(0, LIMIT);
  const categories = new Set(all.map(name => `${name.slice(0, name.indexOf('/'))}/`));
  return [...categories].filter(name => name.startsWith(prefix)).sort();
};

/** Names of tracepoints alone, as raw programs take them: the kernel has a typedef of each. */
const rawTracepoints: Targets = (prefix, { kernel, tracepoints: known }) => {
  const typed = (kernel?.namesFrom('typedef', `btf_trace_${prefix}`, LIMIT) ?? []).map(name => name.slice(10));
  if (typed.length > 0) return typed;
  const names = known.map(name => name.slice(name.indexOf(':') + 1)).filter(name => name.startsWith(prefix));
  return [...new Set(names)].sort().slice(0, LIMIT);
};

const syscalls = functionsFrom('__x64_sys_');
const lsmHooks = functionsFrom('bpf_lsm_');
const anyFunction = functionsFrom('');

const rows: readonly (readonly [pattern: RegExp, targets: Targets])[] = [
  [/^(tracepoint|tp)$/, tracepoints],
  [/^(raw_tracepoint|raw_tp)(\.w)?$|^tp_btf$/, rawTracepoints],
  [/^(ksyscall|kretsyscall)$/, syscalls],
  [/^(kprobe|kretprobe)(\.multi|\.session)?$|^(fentry|fexit|fmod_ret|fsession)(\.s)?$/, anyFunction],
  [/^lsm(\.s)?$|^lsm_cgroup$/, lsmHooks],
  [/^iter(\.s)?$/, structsFrom('bpf_iter__')],
  [/^struct_ops(\.s)?$/, structsFrom('bpf_struct_ops_')]
];

/** All that a SEC name may begin with; with a slash where a target comes. */
function sectionNames(): string[] {
  const shown = sectionMeaningTable.map(row =>
    row.form.replace(/[A-Z:/]+$/, form => (form.startsWith('/') ? '/' : ''))
  );
  const all = [...sectionTable.keys()].map(name => name.replace(/\+$/, '/'));
  return [...new Set([...shown, ...all])];
}

/** Whole SEC names that begin with what is typed, most used first. */
export function completeSection(typed: string, facts: LanguageFacts): string[] {
  const slash = typed.indexOf('/');
  const kind = typed.slice(0, Math.max(0, slash));
  const names = sectionNames().filter(name => name.startsWith(typed));
  const targets = slash < 0 ? undefined : rows.find(([pattern]) => pattern.test(kind))?.[1];
  const found = targets?.(typed.slice(slash + 1), facts).map(target => `${kind}/${target}`) ?? [];
  return [...new Set([...names.filter(name => name !== typed), ...found])];
}

const CONTEXT_TYPES: Readonly<Record<string, string>> = {
  xdp: 'struct xdp_md *',
  sched_cls: 'struct __sk_buff *',
  sched_act: 'struct __sk_buff *',
  socket_filter: 'struct __sk_buff *',
  cgroup_skb: 'struct __sk_buff *',
  sk_skb: 'struct __sk_buff *',
  lwt_in: 'struct __sk_buff *',
  lwt_out: 'struct __sk_buff *',
  lwt_xmit: 'struct __sk_buff *',
  lwt_seg6local: 'struct __sk_buff *',
  flow_dissector: 'struct __sk_buff *',
  kprobe: 'struct pt_regs *',
  perf_event: 'struct bpf_perf_event_data *',
  raw_tracepoint: 'struct bpf_raw_tracepoint_args *',
  raw_tracepoint_writable: 'struct bpf_raw_tracepoint_args *',
  cgroup_sock: 'struct bpf_sock *',
  cgroup_sock_addr: 'struct bpf_sock_addr *',
  cgroup_sysctl: 'struct bpf_sysctl *',
  cgroup_sockopt: 'struct bpf_sockopt *',
  cgroup_device: 'struct bpf_cgroup_dev_ctx *',
  sock_ops: 'struct bpf_sock_ops *',
  sk_msg: 'struct sk_msg_md *',
  sk_lookup: 'struct bpf_sk_lookup *',
  sk_reuseport: 'struct sk_reuseport_md *',
  netfilter: 'struct bpf_nf_ctx *'
};

/**
 * Type of the context of a program, as C; empty when it has typed arguments instead (BPF_PROG) or nobody knows.
 *
 * @param type - libbpf's program type
 * @param section - the SEC name
 * @param facts - for the structs of tracepoints
 */
export function contextType(type: string, section: string, facts: LanguageFacts): string {
  if (type === 'tracepoint') return tracepointContext(section, facts);
  const iterator = /^\??iter(?:\.s)?\/(\w+)/.exec(section)?.[1];
  if (iterator !== undefined) return `struct bpf_iter__${iterator} *`;
  return CONTEXT_TYPES[type] ?? '';
}

/**
 * Structs are named after the class of an event, which often is the event itself; else a class's name is the beginning of
 * its events' names (block_rq of block_rq_issue), or the event's with "_template" behind it.
 */
function tracepointContext(section: string, { kernel }: LanguageFacts): string {
  const [, category = '', event = ''] = /^\??(?:tracepoint|tp)\/(\w+)\/(\w+)/.exec(section) ?? [];
  const syscall = /^sys_(enter|exit)/.exec(event)?.[0];
  if (category === 'syscalls' && syscall !== undefined) return `struct trace_event_raw_${syscall} *`;
  if (!kernel || event === '') return '';
  const words = event.split('_');
  const classes = [event, `${event}_template`, ...words.map((_, i) => words.slice(0, words.length - i - 1).join('_'))];
  const templates = classes.flatMap(name => (name === '' ? [] : [name, `${name}_template`]));
  const found = templates.find(name => kernel.find('struct', `trace_event_raw_${name}`) !== null);
  return found === undefined ? '' : `struct trace_event_raw_${found} *`;
}
