// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "backlog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"

void backlog_init(struct backlog *backlog)
{
	memset(backlog, 0, sizeof(*backlog));
	backlog->oldest = 1;
	backlog->next = 1;
}

static void drop_first(struct backlog *backlog)
{
	struct chunk *chunk = backlog->first;

	backlog->first = chunk->next;
	if (!backlog->first)
		backlog->last = NULL;
	backlog->size -= chunk->length;
	backlog->oldest++;
	free(chunk);
}

static struct chunk *copy(const void *bytes, size_t length)
{
	struct chunk *chunk = chunk_new(length);

	if (chunk) {
		memcpy(chunk->bytes, bytes, length);
		chunk->length = length;
	}
	return chunk;
}

int backlog_add(struct backlog *backlog, const void *frame, size_t length, bool may_drop)
{
	struct chunk *chunk = copy(frame, length);

	if (!chunk)
		return -ENOMEM;
	if (backlog->last)
		backlog->last->next = chunk;
	else
		backlog->first = chunk;
	backlog->last = chunk;
	backlog->size += length;
	backlog->next++;
	while (may_drop && backlog->size > BACKLOG_BYTES && backlog->first != backlog->last)
		drop_first(backlog);
	return 0;
}

bool backlog_replay(const struct backlog *backlog, uint64_t after, struct outbox *outbox)
{
	uint64_t number = backlog->oldest;

	if (after + 1 < backlog->oldest || after >= backlog->next)
		return false;
	for (const struct chunk *chunk = backlog->first; chunk; chunk = chunk->next, number++) {
		struct chunk *again = number > after ? copy(chunk->bytes, chunk->length) : NULL;

		if (again)
			outbox_add(outbox, again);
		else if (number > after)
			return false;
	}
	return true;
}

void backlog_free(struct backlog *backlog)
{
	while (backlog->first)
		drop_first(backlog);
}
