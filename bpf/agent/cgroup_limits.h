// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Limits of a session that the kernel holds: on all that is in its control group (cgroup v2). */
#ifndef BPFLAB_CGROUP_LIMITS_H
#define BPFLAB_CGROUP_LIMITS_H

#include <jansson.h>

#include "workspace.h"

/*
 * Sets `memory_mib`, `cpu_percent` and `processes` of a policy's terms, and moves the calling
 * worker into the group, so that its maps and programs count too. The names of limits that this
 * kernel cannot hold, an array.
 */
json_t *cgroup_limits_set(const struct workspace *workspace, const char *mount,
			  const json_t *terms);

#endif
