// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* A worker process as its supervisor sees it. */
#ifndef BPFLAB_WORKER_H
#define BPFLAB_WORKER_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "facts.h"
#include "state_dir.h"

/* `fd` is our end of the channel, non-blocking. */
struct worker {
	pid_t pid;
	int fd;
	char journal[MAX_PATH_BYTES];
};

/* Forks a worker that has its workspace and waits for a hello; -errno. */
int worker_start(struct worker *worker, const struct state_dir *state, const struct facts *facts);
/*
 * Ends it and sweeps; `items` gets how it ended and what was found. `ended_itself`: it has closed its
 * channel and gets the time to exit, otherwise it is killed. True when it left in order, after `bye`.
 */
bool worker_end(struct worker *worker, bool ended_itself, json_t *items);

#endif
