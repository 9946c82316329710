// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * The policy of a node: who may use it, for what, and how much of it. A file that whoever runs the
 * cluster gives to the supervisor (docs/reference/policy.md); clients only say their name.
 */
#ifndef BPFLAB_POLICY_H
#define BPFLAB_POLICY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "fault.h"

/* What one user gets; numbers are 0 where nothing is limited. */
struct grant {
	/* What the worker and the gateway hold to, without what is the supervisor's own; NULL
	 * without a policy. Belongs to the grant. */
	json_t *terms;
	int sessions, sessions_per_user;
	uint64_t rate_bytes_s, idle_ms;
};

/*
 * Reads the file anew and finds what `user` may do on `node`: the first rule that names both. A
 * file that is not there permits everything; one that is wrong permits nothing. -errno and a fault.
 */
int policy_decide(const char *path, const char *node, const char *user, struct grant *grant,
		  struct fault *fault);
void grant_free(struct grant *grant);
/* Whether the terms (may be NULL) allow programs of that type, such as "tracepoint". */
bool policy_allows_type(const json_t *terms, const char *type);
/* Whether they allow only some types, so that processes must not load any themselves. */
bool policy_limits_types(const json_t *terms);

#endif
