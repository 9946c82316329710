// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Frames that wait to be written to a channel. */
#ifndef BPFLAB_OUTBOX_H
#define BPFLAB_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

struct chunk {
	struct chunk *next;
	size_t length, sent, capacity;
	uint8_t bytes[];
};

/* Zeroed memory is an empty outbox. `queued` counts the bytes that are not written yet. */
struct outbox {
	struct chunk *first, *last;
	size_t queued;
};

struct chunk *chunk_new(size_t capacity);
/* Takes the chunk, which holds one or more whole frames. */
void outbox_add(struct outbox *outbox, struct chunk *chunk);
/* Copies a payload behind its header; -ENOMEM. */
int outbox_frame(struct outbox *outbox, uint8_t kind, uint32_t stream, const void *payload,
		 size_t length);
/* Writes what `fd` takes at once; 0 (look at `queued`) or -errno. */
int outbox_flush(struct outbox *outbox, int fd);
void outbox_clear(struct outbox *outbox);

#endif
