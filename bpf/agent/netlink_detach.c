// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "netlink_detach.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int tc_detach(int ifindex, int point, uint32_t handle, uint32_t priority)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
		    .attach_point = (enum bpf_tc_attach_point)point);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = handle, .priority = priority);

	return bpf_tc_detach(&hook, &options);
}

/* Counts the filters of one direction: a dump of RTM_GETTFILTER has a message for each. */
static int count_filters(int ifindex, uint32_t parent)
{
	struct {
		struct nlmsghdr header;
		struct tcmsg message;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = RTM_GETTFILTER,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.message = { .tcm_family = AF_UNSPEC,
			     .tcm_ifindex = ifindex,
			     .tcm_parent = parent },
	};
	char answer[16384] __attribute__((aligned(4)));
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), count = 0;
	bool done = fd < 0 || send(fd, &request, sizeof(request), 0) < 0;

	while (!done) {
		ssize_t got = recv(fd, answer, sizeof(answer), 0);
		struct nlmsghdr *header = (struct nlmsghdr *)answer;

		if (got <= 0)
			break;
		for (unsigned int left = (unsigned int)got; NLMSG_OK(header, left);
		     header = NLMSG_NEXT(header, left)) {
			if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
				done = true;
			else if (header->nlmsg_type == RTM_NEWTFILTER)
				count++;
		}
	}
	if (fd >= 0)
		close(fd);
	return count;
}

int clsact_remove_unused(int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	if (count_filters(ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)) ||
	    count_filters(ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)))
		return -EBUSY;
	return bpf_tc_hook_destroy(&hook);
}

int xdp_detach(int ifindex, uint32_t flags, int prog_fd)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = prog_fd);

	return bpf_xdp_detach(ifindex, flags, prog_fd >= 0 ? &options : NULL);
}
