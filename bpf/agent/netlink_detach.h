// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Undoing of attachments that live in a network device; shared by detach and sweep. */
#ifndef BPFLAB_NETLINK_DETACH_H
#define BPFLAB_NETLINK_DETACH_H

#include <stdint.h>

/* `point`: BPF_TC_INGRESS or BPF_TC_EGRESS. */
int tc_detach(int ifindex, int point, uint32_t handle, uint32_t priority);
/* Removes the clsact qdisc unless somebody has filters in it (-EBUSY). */
int clsact_remove_unused(int ifindex);
/* Takes the program away only when it is still ours (`prog_fd`; -1 when that is not known). */
int xdp_detach(int ifindex, uint32_t flags, int prog_fd);

#endif
