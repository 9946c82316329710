// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Attaching to network devices, sockets and network namespaces. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attach.h"
#include "attach_legacy.h"

/* A raw socket that nobody reads needs no room; its filter runs all the same. */
#define FILTER_SOCKET_BYTES 4096

static int need_interface(struct attach_job *attach, const char *name)
{
	unsigned int index = name ? if_nametoindex(name) : 0;

	if (!name)
		return attach_unsupported(attach, EINVAL,
					  "it needs the name of a network interface");
	if (!index)
		return attach_unsupported(attach, ENODEV, "there is no network interface \"%.32s\"",
					  name);
	return (int)index;
}

static uint32_t xdp_flags(const char *mode)
{
	if (!mode)
		return 0;
	return !strcmp(mode, "skb")   ? XDP_FLAGS_SKB_MODE
	       : !strcmp(mode, "drv") ? XDP_FLAGS_DRV_MODE
				      : XDP_FLAGS_HW_MODE;
}

/* The kernel has no such link: Linux before 5.9 (XDP) and 6.6 (tcx). */
static bool link_is_missing(int err)
{
	return err == -EINVAL || err == -EOPNOTSUPP || err == -ENOTSUP;
}

int attach_xdp(struct attach_job *attach)
{
	LIBBPF_OPTS(bpf_link_create_opts, options);
	struct attachment *attachment = attach->attachment;
	int index = need_interface(attach, attach->options.ifname);

	if (index < 0)
		return index;
	attach_target_name(attach, "%s", attach->options.ifname);
	options.flags = xdp_flags(attach->options.xdp_mode);
	attachment->fd =
		bpf_link_create(bpf_program__fd(attach->program), index, BPF_XDP, &options);
	if (attachment->fd >= 0)
		return 0;
	if (!link_is_missing(-errno))
		return attach_fault(attach, -errno);
	return attach_legacy_xdp(attach, index, options.flags, errno);
}

static enum bpf_attach_type tc_point(const struct attach_job *attach)
{
	enum bpf_attach_type expected = bpf_program__expected_attach_type(attach->program);
	const char *direction = attach->options.direction;

	if (expected == BPF_NETKIT_PRIMARY || expected == BPF_NETKIT_PEER)
		return expected;
	if (direction)
		return !strcmp(direction, "egress") ? BPF_TCX_EGRESS : BPF_TCX_INGRESS;
	return expected == BPF_TCX_EGRESS ? BPF_TCX_EGRESS : BPF_TCX_INGRESS;
}

int attach_tc(struct attach_job *attach)
{
	struct attachment *attachment = attach->attachment;
	enum bpf_attach_type point = tc_point(attach);
	int index = need_interface(attach, attach->options.ifname);

	if (index < 0)
		return index;
	attach_target_name(attach, "%s %s", attach->options.ifname,
			   point == BPF_TCX_EGRESS    ? "egress"
			   : point == BPF_TCX_INGRESS ? "ingress"
						      : "netkit");
	/* A priority is a notion of the classic hook only. */
	if (!attach->options.priority) {
		attachment->fd =
			bpf_link_create(bpf_program__fd(attach->program), index, point, NULL);
		if (attachment->fd >= 0)
			return 0;
		if (!link_is_missing(-errno) ||
		    (point != BPF_TCX_INGRESS && point != BPF_TCX_EGRESS))
			return attach_fault(attach, -errno);
	}
	return attach_legacy_tc(attach, index,
				point == BPF_TCX_EGRESS ? BPF_TC_EGRESS : BPF_TC_INGRESS);
}

int attach_netfilter(struct attach_job *attach)
{
	LIBBPF_OPTS(bpf_netfilter_opts, options, .pf = NFPROTO_IPV4, .hooknum = NF_INET_LOCAL_IN,
		    .priority = attach->options.priority ? attach->options.priority : 1);
	const char *direction = attach->options.direction;

	if (direction && !strcmp(direction, "egress"))
		options.hooknum = NF_INET_LOCAL_OUT;
	attach_target_name(attach, "IPv4 %s",
			   options.hooknum == NF_INET_LOCAL_OUT ? "output" : "input");
	return attach_keep_link(attach, bpf_program__attach_netfilter(attach->program, &options));
}

int attach_socket_filter(struct attach_job *attach)
{
	struct attachment *attachment = attach->attachment;
	const char *name = attach->options.socket_ifname ? attach->options.socket_ifname
							 : attach->options.ifname;
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int program = bpf_program__fd(attach->program), room = FILTER_SOCKET_BYTES, index;

	index = need_interface(attach, name);
	if (index < 0)
		return index;
	attach_target_name(attach, "%s", name);
	snprintf(attachment->kind, sizeof(attachment->kind), "socket");
	address.sll_ifindex = index;
	/* No protocol until it is bound: nothing of other interfaces comes in before. */
	attachment->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (attachment->fd < 0 ||
	    setsockopt(attachment->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) ||
	    setsockopt(attachment->fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)) ||
	    bind(attachment->fd, (struct sockaddr *)&address, sizeof(address)))
		return attach_fault(attach, -errno);
	return 0;
}

int attach_netns(struct attach_job *attach)
{
	const char *path = attach->options.netns ? attach->options.netns : "/proc/self/ns/net";
	struct bpf_link *link;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	attach_target_name(attach, "%s", path);
	if (fd < 0)
		return attach_fault(attach, -errno);
	link = bpf_program__attach_netns(attach->program, fd);
	/* The link keeps the namespace by itself; close() must not hide why there is none. */
	if (!link) {
		int err = -errno;

		close(fd);
		return attach_fault(attach, err);
	}
	close(fd);
	return attach_keep_link(attach, link);
}
