// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * What does not die with a process, written down before it is made.
 *
 * One append-only file per worker, a JSON object a line: {"id":1,"kind":"tc",…} when something is
 * about to be made and
 * {"done":1} when it is gone again. A sweep undoes what is left, newest first, and removes the
 * file.
 */
#ifndef BPFLAB_JOURNAL_H
#define BPFLAB_JOURNAL_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "limits.h"

struct journal {
	int fd;
	uint32_t next_id;
	/* What hangs on interfaces goes with the session's own network; elsewhere their numbers are others'. */
	bool own_network;
	char path[MAX_PATH_BYTES];
	pthread_mutex_t lock;
};

/* Makes the file `path`; -errno. */
int journal_create(struct journal *journal, const char *path);
/* Takes `entry`; returns its id, 0 when it could not be written (then nothing may be made). */
uint32_t journal_add(struct journal *journal, const char *kind, json_t *entry);
void journal_done(struct journal *journal, uint32_t id);
void journal_close(struct journal *journal);
/* The entries that are not done, in the order in which they were made; an array. Unreadable lines
 * are skipped. */
json_t *journal_read(const char *path);

#endif
