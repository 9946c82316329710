// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* One attachment of a program, of whatever kind, and how it is undone. */
#ifndef BPFLAB_ATTACHMENT_H
#define BPFLAB_ATTACHMENT_H

#include <bpf/libbpf.h>
#include <stdint.h>

#include "journal.h"

/* Attachments that are no bpf_link; all but a sockmap's outlive us and are in the journal. */
enum legacy_kind {
	LEGACY_NONE,
	LEGACY_TC,
	LEGACY_XDP,
	LEGACY_CGROUP,
	LEGACY_SOCKMAP,
	/* A struct_ops map without BPF_F_LINK; libbpf's own link undoes it. */
	LEGACY_STRUCT_OPS,
};

struct attachment {
	struct attachment *next;
	/* Within the run. */
	int number;
	/* libbpf's links (one per CPU for sampling), and a descriptor of our own (raw link,
	 * socket), or -1. */
	struct bpf_link **links;
	int link_count;
	int fd;
	enum legacy_kind legacy;
	int ifindex;
	/* tc: BPF_TC_INGRESS …; cgroup, sockmap: attach type. */
	int point;
	uint32_t handle, priority, flags;
	/* Program, and the cgroup or map it hangs on. */
	int prog_fd, target_fd;
	uint32_t journal_id;
	/* Journal's id of the clsact qdisc that came with it, or 0. */
	uint32_t clsact_id;
	/* Kernel's id of the link, 0 when it is none. */
	uint32_t link_id;
	/* Kernel's id of the program, 0 for struct_ops. */
	uint32_t prog_id;
	char kind[32];
	char target[160];
};

struct attachment *attachment_new(void);
/* Adds one of libbpf's links; -ENOMEM (then the link is destroyed). */
int attachment_add_link(struct attachment *attachment, struct bpf_link *link);
/* A descriptor of a bpf_link, -1 when there is none. */
int attachment_link_fd(const struct attachment *attachment);
/* Undoes and frees it. */
void attachment_destroy(struct attachment *attachment, struct journal *journal);

#endif
