// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The last frames that went to a client, for the one that comes back after its connection broke. */
#ifndef BPFLAB_BACKLOG_H
#define BPFLAB_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "outbox.h"

/* One chunk per frame. `next` is the number of the next frame, counted from 1; `size` sums the
 * chunks. */
struct backlog {
	struct chunk *first, *last;
	uint64_t oldest, next;
	size_t size;
};

void backlog_init(struct backlog *backlog);
/* Keeps a copy of a whole frame; the oldest go beyond BACKLOG_BYTES when `may_drop`. -ENOMEM. */
int backlog_add(struct backlog *backlog, const void *frame, size_t length, bool may_drop);
/* Puts the frames after number `after` into `outbox`; false when some of them are gone. */
bool backlog_replay(const struct backlog *backlog, uint64_t after, struct outbox *outbox);
void backlog_free(struct backlog *backlog);

#endif
