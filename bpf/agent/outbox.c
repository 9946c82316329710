// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "frame.h"
#include "proto.h"

#define VECTOR 16

struct chunk *chunk_new(size_t capacity)
{
	struct chunk *chunk = malloc(sizeof(*chunk) + capacity);

	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->length = 0;
	chunk->sent = 0;
	chunk->capacity = capacity;
	return chunk;
}

void outbox_add(struct outbox *outbox, struct chunk *chunk)
{
	chunk->next = NULL;
	if (outbox->last)
		outbox->last->next = chunk;
	else
		outbox->first = chunk;
	outbox->last = chunk;
	outbox->queued += chunk->length;
}

int outbox_frame(struct outbox *outbox, uint8_t kind, uint32_t stream, const void *payload,
		 size_t length)
{
	struct chunk *chunk = chunk_new(FRAME_HEADER_BYTES + length);

	if (!chunk)
		return -ENOMEM;
	frame_header(chunk->bytes, kind, stream, (uint32_t)length);
	if (length)
		memcpy(chunk->bytes + FRAME_HEADER_BYTES, payload, length);
	chunk->length = FRAME_HEADER_BYTES + length;
	outbox_add(outbox, chunk);
	return 0;
}

static void sent(struct outbox *outbox, size_t count)
{
	outbox->queued -= count;
	while (count) {
		struct chunk *chunk = outbox->first;
		size_t left = chunk->length - chunk->sent;

		if (count < left) {
			chunk->sent += count;
			return;
		}
		count -= left;
		outbox->first = chunk->next;
		if (!outbox->first)
			outbox->last = NULL;
		free(chunk);
	}
}

int outbox_flush(struct outbox *outbox, int fd)
{
	while (outbox->first) {
		struct iovec vector[VECTOR];
		int count = 0;
		ssize_t written;

		for (struct chunk *chunk = outbox->first; chunk && count < VECTOR;
		     chunk = chunk->next) {
			vector[count].iov_base = chunk->bytes + chunk->sent;
			vector[count++].iov_len = chunk->length - chunk->sent;
		}
		written = writev(fd, vector, count);
		if (written < 0) {
			if (errno == EINTR)
				continue;
			return errno == EAGAIN ? 0 : -errno;
		}
		if (written == 0)
			return 0;
		sent(outbox, (size_t)written);
	}
	return 0;
}

void outbox_clear(struct outbox *outbox)
{
	while (outbox->first) {
		struct chunk *chunk = outbox->first;

		outbox->first = chunk->next;
		free(chunk);
	}
	outbox->last = NULL;
	outbox->queued = 0;
}
