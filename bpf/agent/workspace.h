// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* What a session has for itself in the target: folder, cgroup, tracing instance, private bpffs. */
#ifndef BPFLAB_WORKSPACE_H
#define BPFLAB_WORKSPACE_H

#include <stdbool.h>

#include "facts.h"
#include "journal.h"
#include "limits.h"

/* A path is empty when the target cannot give it. */
struct workspace {
	char folder[MAX_PATH_BYTES];
	char cgroup[MAX_PATH_BYTES];
	char instance[MAX_PATH_BYTES];
	int folder_fd;
	bool has_bpffs;
};

/* `name` is unique in the target. Makes folder, cgroup and instance, all in the journal; -errno
 * when the folder fails. */
int workspace_make(struct workspace *workspace, const struct facts *facts, struct journal *journal,
		   const char *state, const char *name);
/* Mounts the private bpffs at FOLDER/bpf when it is not there; -errno. */
int workspace_need_bpffs(struct workspace *workspace, struct journal *journal);
/* Makes CGROUP/NAME and opens its cgroup.procs for writing; -errno, -ENOTSUP without cgroup2. */
int workspace_run_cgroup(const struct workspace *workspace, const char *run);
/* Kills what is in CGROUP/NAME, waits until it is empty, removes it. */
void workspace_end_run_cgroup(const struct workspace *workspace, const char *run);

#endif
