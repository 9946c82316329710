// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Which processes hold which programs, maps and links, from /proc/PID/fdinfo. */
#ifndef BPFLAB_HOLDERS_H
#define BPFLAB_HOLDERS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "owners.h"

struct holder {
	enum owned_kind kind;
	uint32_t id;
	int pid;
};

struct holders {
	struct holder *list;
	size_t count, capacity;
};

void holders_collect(struct holders *holders);
/* Pids that hold the program, by a descriptor of it or of a link of it; a new array. */
json_t *holders_json(const struct holders *holders, uint32_t prog_id);
void holders_free(struct holders *holders);

#endif
