// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Hooks that only some kernels have, each loaded by itself. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define FLOW_CONTINUE 129

__u64 hits;

#define COUNT() __sync_fetch_and_add(&hits, 1)
#define COUNTER(section, name, verdict) \
	SEC("?" section)                \
	int name(void *context)         \
	{                               \
		COUNT();                \
		return verdict;         \
	}

COUNTER("netkit/primary", on_netkit, -1)
COUNTER("netkit/peer", on_netkit_peer, -1)
COUNTER("netfilter", on_netfilter, 1)
COUNTER("sk_lookup", on_lookup, SK_PASS)
COUNTER("flow_dissector", on_dissect, FLOW_CONTINUE)
COUNTER("cgroup/sock_create", on_sock_create, 1)
COUNTER("cgroup/sock_release", on_sock_release, 1)
COUNTER("cgroup/post_bind4", on_post_bind, 1)
COUNTER("cgroup/bind4", on_bind, 1)
COUNTER("cgroup/connect4", on_connect, 1)
COUNTER("cgroup/connect_unix", on_connect_unix, 1)
COUNTER("cgroup/sendmsg4", on_sendmsg, 1)
COUNTER("cgroup/recvmsg4", on_recvmsg, 1)
COUNTER("cgroup/getsockname4", on_getsockname, 1)
COUNTER("cgroup/sysctl", on_sysctl, 1)
COUNTER("cgroup/dev", on_device, 1)
COUNTER("cgroup_skb/ingress", on_ingress, 1)
COUNTER("cgroup/skb", on_skb, 1)
COUNTER("sockops", on_sockops, 1)
COUNTER("lsm_cgroup/socket_post_create", on_lsm_cgroup, 1)
COUNTER("lsm.s/file_open", on_lsm_sleepable, 0)
COUNTER("raw_tp.w/bpf_test_finish", on_writable, 0)
COUNTER("tp_btf/sched_process_exec", on_typed, 0)
COUNTER("kprobe.multi/vfs_ope*", on_many, 0)
COUNTER("kprobe.session/vfs_open", on_session, 0)
COUNTER("kretsyscall/getpgid", on_syscall_return, 0)
COUNTER("uprobe", on_user, 0)
COUNTER("uprobe//proc/self/exe:no_such_function", on_user_section, 0)
COUNTER("uprobe/./lesson/library.so:getenv", on_user_relative, 0)
COUNTER("uprobe.multi", on_user_many, 0)
COUNTER("uretprobe.multi", on_user_many_return, 0)
COUNTER("xdp", on_xdp, XDP_PASS)
COUNTER("xdp.frags", on_xdp_frags, XDP_PASS)
COUNTER("xdp/devmap", on_devmap, XDP_PASS)
COUNTER("xdp/cpumap", on_cpumap, XDP_PASS)
COUNTER("tcx/ingress", on_tcx, -1)
COUNTER("action", on_action, 0)
COUNTER("lwt_in", on_lwt_in, 0)
COUNTER("lwt_out", on_lwt_out, 0)
COUNTER("lwt_xmit", on_lwt_xmit, 0)
COUNTER("lwt_seg6local", on_seg6, 0)
COUNTER("sk_reuseport", on_reuseport, SK_PASS)
COUNTER("lirc_mode2", on_infrared, 0)
COUNTER("syscall", on_syscall, 0)
COUNTER("iter/cgroup", walk_cgroups, 0)

/* The kernel wants the returned value of these to be the socket's own. */
SEC("?cgroup/getsockopt")
int on_getsockopt(struct bpf_sockopt *context)
{
	COUNT();
	return 1;
}

SEC("?cgroup/setsockopt")
int on_setsockopt(struct bpf_sockopt *context)
{
	COUNT();
	/* Options larger than a page stay the kernel's. */
	if (context->optlen > 4096)
		context->optlen = 0;
	return 1;
}

/* What freplace puts another function in the place of. */
__attribute__((noinline)) int replaceable(struct xdp_md *context)
{
	volatile int verdict = XDP_DROP;

	return context ? verdict : 0;
}

SEC("?xdp")
int on_replaced(struct xdp_md *context)
{
	return replaceable(context);
}

char LICENSE[] SEC("license") = "GPL";
