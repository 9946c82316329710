// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The text that an iterator link prints, once over, then END. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "errors.h"
#include "limits.h"
#include "proto.h"
#include "ring.h"

/* One read of an iterator gives at most 8 pages of its seq_file. */
#define READ_BYTES 32768

struct iterator {
	struct batch batch;
	int fd;
	/* Read and not sent yet. */
	size_t held;
	uint8_t bytes[READ_BYTES];
};

static void free_iterator(struct iterator *iterator)
{
	close(iterator->fd);
	free(iterator);
}

/* An iterator's text must be whole: what finds no credit is held. */
static bool send_held(struct iterator *iterator)
{
	uint8_t *room;

	if (!iterator->held)
		return true;
	room = batch_record(&iterator->batch, CPU_UNKNOWN, iterator->held);
	if (!room)
		return false;
	memcpy(room, iterator->bytes, iterator->held);
	iterator->held = 0;
	return true;
}

static void more(struct stream *stream)
{
	struct iterator *iterator = stream->context;
	struct session *session = stream->session;
	ssize_t got = 0;

	while (stream_room(stream) && send_held(iterator)) {
		got = read(iterator->fd, iterator->bytes, sizeof(iterator->bytes));
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got <= 0) {
			int errnum = errno;

			batch_flush(&iterator->batch);
			if (got < 0)
				session_log(session, "warn", stream->run->name,
					    "The iterator ended early: %s.", strerror(errnum));
			stream_finish(stream);
			free_iterator(iterator);
			return;
		}
		iterator->held = (size_t)got;
	}
	batch_flush(&iterator->batch);
}

static void close_iterator(struct stream *stream)
{
	struct iterator *iterator = stream->context;

	batch_flush(&iterator->batch);
	free_iterator(iterator);
}

static const struct stream_user user = { .more = more, .close = close_iterator };

int iterator_subscribe(struct run *run, uint32_t id, int link_fd, struct fault *fault)
{
	struct iterator *iterator = calloc(1, sizeof(*iterator));
	int err;

	if (!iterator)
		return fault_set(fault, E_LIMIT, ENOMEM, NULL,
				 "There is no memory for the stream.");
	iterator->fd = bpf_iter_create(link_fd);
	if (iterator->fd < 0) {
		err = fault_set(fault, E_REQUEST, errno, NULL, "The link is no iterator: %s.",
				strerror(errno));
		free(iterator);
		return err;
	}
	iterator->batch.stream = stream_open(run->session, id, &user, iterator, run);
	if (!iterator->batch.stream) {
		free_iterator(iterator);
		return stream_in_use(fault, id);
	}
	iterator->batch.stream->waiting = true;
	return 0;
}
