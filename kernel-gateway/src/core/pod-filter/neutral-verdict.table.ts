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

/** Verdict by section prefix; a prefix that is not here has no task to ask, and its programs are left alone. */
export const neutralVerdicts: ReadonlyMap<string, number> = new Map(
  Object.entries(verdicts).flatMap(([verdict, names]) => names.split(' ').map(name => [name, Number(verdict)] as const))
);
