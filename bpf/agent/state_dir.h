// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The supervisor's folder: STATE/PID with a lock and the journals of its workers. */
#ifndef BPFLAB_STATE_DIR_H
#define BPFLAB_STATE_DIR_H

#include <jansson.h>

#include "limits.h"

#define DEFAULT_STATE "/run/bpflab"

struct state_dir {
	char base[MAX_PATH_BYTES];
	char own[MAX_PATH_BYTES];
	int lock_fd;
};

/* Makes STATE and STATE/PID, and holds the lock; -errno. */
int state_dir_open(struct state_dir *state, const char *base);
/* Sweeps the journals of supervisors that are dead; what was found goes to `items`. */
void state_dir_sweep_others(const struct state_dir *state, json_t *items);
void state_dir_remove(struct state_dir *state);

#endif
