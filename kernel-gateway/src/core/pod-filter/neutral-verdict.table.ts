/**
 * What a program returns for a task outside the chosen pods, so that the node behaves as if the program were not there.
 * By SEC name up to the first "/" or "+" (libbpf's `section_defs`). Each was run on 6.12 or 6.18, see the tests.
 */
const verdicts: Record<string, string> = {
  0:
    'kprobe kretprobe kprobe.multi kretprobe.multi uprobe uprobe.s uretprobe uretprobe.s uprobe.multi uprobe.multi.s ' +
    'uretprobe.multi uretprobe.multi.s ksyscall kretsyscall usdt usdt.s tracepoint tp raw_tracepoint raw_tp ' +
    'raw_tracepoint.w raw_tp.w tp_btf fentry fentry.s fexit fexit.s perf_event ' +
    // The hook's own result stands: these may only replace it by something else than 0 (security/bpf, trampoline).
    'fmod_ret fmod_ret.s lsm lsm.s',
  // 1 skips the return half of the pair; 1 lets an LSM hook of a cgroup pass, where 0 denies.
  1: 'kprobe.session uprobe.session uprobe.session.s lsm_cgroup'
};

/**
 * Hooks of control groups that run for the task which makes the call; 1 lets it through (kernel/bpf/cgroup.c). Those for a
 * packet (`cgroup/skb`, `cgroup_skb/…`, `sockops`) have no task.
 */
const cgroupCall =
  /^cgroup\/(sock|sock_create|sock_release|dev|sysctl|getsockopt|setsockopt|post_bind[46]|(bind|connect|sendmsg|recvmsg|getpeername|getsockname)(4|6|_unix))$/;

const byPrefix: ReadonlyMap<string, number> = new Map(
  Object.entries(verdicts).flatMap(([verdict, names]) => names.split(' ').map(name => [name, Number(verdict)] as const))
);

/** The verdict for programs of a section; null: they have no task to ask, and are left alone. */
export function neutralVerdict(section: string): number | null {
  const name = section.replace(/^\?/, '');
  if (cgroupCall.test(name)) return 1;
  return byPrefix.get(name.split(/[/+]/, 1)[0] ?? '') ?? null;
}
