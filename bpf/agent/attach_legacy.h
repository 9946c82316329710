// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Attachments that are no bpf_link, for kernels that have none there; each is in the journal first.
 */
#ifndef BPFLAB_ATTACH_LEGACY_H
#define BPFLAB_ATTACH_LEGACY_H

#include "attach.h"

/* `link_errno` is why there is no XDP link; it is told when this fails too. */
int attach_legacy_xdp(struct attach_job *attach, int ifindex, uint32_t flags, int link_errno);
int attach_legacy_tc(struct attach_job *attach, int ifindex, enum bpf_tc_attach_point point);
/* Takes `cgroup_fd`. */
int attach_legacy_cgroup(struct attach_job *attach, int cgroup_fd, const char *path,
			 enum bpf_attach_type point);

#endif
