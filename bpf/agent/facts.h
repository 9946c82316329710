// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* What does not change while the target runs; found once, before a worker is asked. */
#ifndef BPFLAB_FACTS_H
#define BPFLAB_FACTS_H

#include <stdbool.h>

#include "limits.h"
#include "sha256.h"

struct facts {
	char kernel_release[65];
	char arch[65];
	char boot_id[40];
	char btf_id[SHA256_HEX_BYTES];
	/* The target is a machine of the session's own, restored a moment ago. */
	bool is_guest;
	int page_size, cpus_online, cpus_possible;
	/* Empty when the target has none. */
	char cgroup_mount[MAX_PATH_BYTES];
	char tracing[MAX_PATH_BYTES];
	/* Name of the node (BPFLAB_NODE), else of the machine. */
	char node[256];
	/* See audit.h. */
	bool audit;
};

/* `cache` is a folder for the hash of the kernel's BTF, which takes a while to compute; may be
 * NULL. */
void facts_find(struct facts *facts, const char *cache);

#endif
