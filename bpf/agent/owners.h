// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Which of the kernel's ids belong to which run of the session. */
#ifndef BPFLAB_OWNERS_H
#define BPFLAB_OWNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "run.h"

enum owned_kind {
	OWNED_PROGRAM,
	OWNED_MAP,
	OWNED_LINK,
};

struct owner {
	enum owned_kind kind;
	uint32_t id;
	char run[MAX_RUN_NAME_BYTES];
};

/* The process group of a process that a run has started. */
struct owner_group {
	pid_t group;
	char run[MAX_RUN_NAME_BYTES];
};

/* An attachment that is no bpf_link. */
struct loose {
	char run[MAX_RUN_NAME_BYTES], kind[32], target[160];
	uint32_t prog_id;
};

struct owners {
	struct owner *list;
	size_t count, capacity;
	struct owner_group *groups;
	size_t group_count;
	struct loose *loose;
	size_t loose_count;
};

struct holders;

/* On the loop. */
void owners_collect(struct owners *owners, const struct session *session);
/* What processes of our runs hold is the run's too. Walks no list of the session: also for jobs. */
void owners_add_held(struct owners *owners, const struct holders *holders);
/* Name of the run, NULL when it is not ours. */
const char *owners_find(const struct owners *owners, enum owned_kind kind, uint32_t id);
void owners_free(struct owners *owners);

#endif
