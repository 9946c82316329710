import { isOlderRelease } from './is-older-release.js';

/**
 * Release of a measured kernel (empty: not measured, for all), types of programs (libbpf's names, "*" for all that were
 * measured), and what they may call there that they might not on the measured kernels before it.
 */
export type AllowedRow = readonly [release: string, types: string, names: string];

/** Releases of the kernels that were measured, in their order. */
const MEASURED = ['6.1', '6.12', '7.3'] as const;
const TYPES =
  'socket_filter kprobe sched_cls sched_act tracepoint xdp perf_event cgroup_skb cgroup_sock lwt_in lwt_out lwt_xmit ' +
  'sock_ops sk_skb cgroup_device sk_msg raw_tracepoint cgroup_sock_addr lwt_seg6local sk_reuseport flow_dissector ' +
  'cgroup_sysctl raw_tracepoint_writable cgroup_sockopt tracing lsm sk_lookup syscall netfilter';
const types = new Set(TYPES.split(' '));

/** Which types of programs may call what, from rows of measurements. */
export class AllowedPrograms {
  /** By name and type: the first measured release. */
  readonly #since = new Map<string, Map<string, string>>();

  constructor(rows: readonly AllowedRow[]) {
    for (const [release, typeNames, names] of rows) {
      for (const name of names.split(' ')) {
        const known = this.#since.get(name) ?? new Map<string, string>();
        this.#since.set(name, known);
        for (const type of typeNames === '*' ? types : typeNames.split(' '))
          if (!known.has(type)) known.set(type, release);
      }
    }
  }

  /**
   * Whether a program of that type may call it, as far as anybody knows: what was not measured may, and so may what the next
   * measured kernel allows. An empty release stands for the newest kernel that was measured.
   */
  may(type: string, name: string, release: string): boolean {
    const known = this.#since.get(name);
    if (known === undefined || !types.has(type)) return true;
    const next = release === '' ? MEASURED.at(-1) : MEASURED.find(measured => !isOlderRelease(measured, release));
    const isAllowed = (since?: string): boolean =>
      next === undefined || (since !== undefined && !isOlderRelease(next, since));
    // What no type may call is not the kernel's own there, but perhaps a module's.
    return isAllowed(known.get(type)) || ![...known.values()].some(since => isAllowed(since));
  }

  /** Types that may call it on the newest kernel, sorted; null: all, or nobody knows. */
  typesOf(name: string): readonly string[] | null {
    const known = this.#since.get(name);
    return known === undefined || known.size >= types.size ? null : [...known.keys()].sort();
  }

  /** The first measured release on which that type may call it; null: none, or it was not measured. */
  since(type: string, name: string): string | null {
    return this.#since.get(name)?.get(type) ?? null;
  }
}
