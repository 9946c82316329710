/**
 * What the result of a program means, by program type (linux/bpf.h: enum xdp_action, enum tcx_action_base, enum sk_action,
 * BPF_OK …; linux/pkt_cls.h: TC_ACT_*; linux/netfilter.h), and which types the kernel test-runs, with what.
 */

/** How a program type is test-run. `packet`: from which header on the program sees it; null: it takes none. */
export interface TestRunKind {
  packet: 'eth' | 'network' | null;
  /** UAPI struct of the context that may be given, or `btf`: the type of the program's own argument; null: none. */
  context: 'xdp_md' | '__sk_buff' | 'btf' | 'arguments' | null;
  /** The kernel repeats it on request. */
  canRepeat: boolean;
  verdicts: Readonly<Record<number, string>>;
}

const tc: Record<number, string> = {
  [-1]: 'TC_ACT_UNSPEC',
  0: 'TC_ACT_OK',
  1: 'TC_ACT_RECLASSIFY',
  2: 'TC_ACT_SHOT',
  3: 'TC_ACT_PIPE',
  4: 'TC_ACT_STOLEN',
  5: 'TC_ACT_QUEUED',
  6: 'TC_ACT_REPEAT',
  7: 'TC_ACT_REDIRECT',
  8: 'TC_ACT_TRAP'
};
const lwt: Record<number, string> = { 0: 'BPF_OK', 2: 'BPF_DROP', 7: 'BPF_REDIRECT', 128: 'BPF_LWT_REROUTE' };
const network = (verdicts: Record<number, string>): TestRunKind => ({
  packet: 'network',
  context: '__sk_buff',
  canRepeat: true,
  verdicts
});
const plain = (context: TestRunKind['context']): TestRunKind => ({
  packet: null,
  context,
  canRepeat: false,
  verdicts: {}
});

const table: Readonly<Record<string, TestRunKind>> = {
  xdp: {
    packet: 'eth',
    context: 'xdp_md',
    canRepeat: true,
    verdicts: { 0: 'XDP_ABORTED', 1: 'XDP_DROP', 2: 'XDP_PASS', 3: 'XDP_TX', 4: 'XDP_REDIRECT' }
  },
  sched_cls: { packet: 'eth', context: '__sk_buff', canRepeat: true, verdicts: tc },
  sched_act: { packet: 'eth', context: '__sk_buff', canRepeat: true, verdicts: tc },
  cgroup_skb: network({ 0: 'DROP', 1: 'ALLOW', 2: 'DROP_CN', 3: 'ALLOW_CN' }),
  socket_filter: network({ 0: 'DROP' }),
  lwt_in: network(lwt),
  lwt_out: network(lwt),
  lwt_xmit: network(lwt),
  lwt_seg6local: network(lwt),
  netfilter: {
    packet: 'eth',
    context: null,
    canRepeat: true,
    verdicts: { 0: 'NF_DROP', 1: 'NF_ACCEPT' }
  },
  sk_lookup: { packet: null, context: 'btf', canRepeat: true, verdicts: { 0: 'SK_DROP', 1: 'SK_PASS' } },
  syscall: plain('btf'),
  raw_tracepoint: plain('arguments'),
  tracing: plain(null)
};

/** How programs of that type (libbpf's name) are test-run; undefined: the kernel does not do it. */
export function testRunKind(type: string): TestRunKind | undefined {
  return Object.hasOwn(table, type) ? table[type] : undefined;
}

/** Types that can be test-run, for messages. */
export const testRunTypes: readonly string[] = Object.keys(table);

/** Name of a result; the number where it has none. */
export function verdictName(kind: TestRunKind, retval: number): string {
  return kind.verdicts[retval] ?? String(retval);
}

/** Whether a result is what the user wrote: its name in any case, without its prefix (`drop`), or its number. */
export function isVerdict(kind: TestRunKind, retval: number, text: string): boolean {
  const name = verdictName(kind, retval).toLowerCase();
  const wanted = text.toLowerCase();
  return name === wanted || name.replace(/^(xdp|tc_act|bpf|nf|sk)_/, '') === wanted || String(retval) === wanted;
}
