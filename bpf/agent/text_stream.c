// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "text_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "errors.h"
#include "limits.h"

/* Either `bytes` or `fd`; `left` is what is still to be sent. */
struct text_stream {
	char *bytes;
	size_t offset;
	int fd;
	uint64_t left;
	long long reply_id;
};

static void free_source(struct text_stream *source)
{
	free(source->bytes);
	if (source->fd >= 0)
		close(source->fd);
	free(source);
}

static void close_source(struct stream *stream)
{
	struct text_stream *source = stream->context;
	struct fault fault = { 0 };

	if (source->reply_id >= 0) {
		fault_set(&fault, E_REQUEST, ECANCELED, NULL, "The stream was ended.");
		reply_fault(stream->session, source->reply_id, &fault);
	}
	free_source(source);
}

/* The next bytes, at most `most`; 0 at the end. */
static ssize_t take(struct text_stream *source, char *block, size_t most)
{
	ssize_t got;

	if (most > source->left)
		most = source->left;
	if (!most)
		return 0;
	if (source->fd < 0) {
		memcpy(block, source->bytes + source->offset, most);
		source->offset += most;
		got = (ssize_t)most;
	} else {
		do
			got = read(source->fd, block, most);
		while (got < 0 && errno == EINTR);
	}
	if (got > 0)
		source->left -= (uint64_t)got;
	return got;
}

static void finish(struct stream *stream, ssize_t got)
{
	struct text_stream *source = stream->context;
	struct session *session = stream->session;
	struct fault fault = { 0 };
	int errnum = got < 0 ? errno : 0;

	stream_finish(stream);
	if (source->reply_id >= 0 && errnum) {
		fault_set(&fault, E_FILE_PATH, errnum, NULL, "Cannot read the file: %s.",
			  strerror(errnum));
		reply_fault(session, source->reply_id, &fault);
	} else if (source->reply_id >= 0) {
		reply_ok(session, source->reply_id, NULL);
	}
	free_source(source);
}

static void more(struct stream *stream)
{
	struct text_stream *source = stream->context;
	char block[BATCH_BYTES];
	size_t room;

	while ((room = stream_room(stream))) {
		ssize_t got = take(source, block, room < sizeof(block) ? room : sizeof(block));

		if (got <= 0) {
			finish(stream, got);
			return;
		}
		stream_send(stream, block, (size_t)got);
	}
}

static const struct stream_user user = { .more = more, .close = close_source };

static int start(struct session *session, uint32_t id, struct run *run, struct text_stream *source)
{
	struct stream *stream = stream_open(session, id, &user, source, run);

	if (!stream)
		return -EEXIST;
	/* The rest of the round may still put a reply in front. */
	stream->waiting = true;
	return 0;
}

int text_stream_memory(struct session *session, uint32_t id, struct run *run, char *bytes,
		       size_t length, long long reply_id)
{
	struct text_stream *source = calloc(1, sizeof(*source));
	int err = -ENOMEM;

	if (source) {
		*source = (struct text_stream){
			.bytes = bytes, .fd = -1, .left = length, .reply_id = reply_id
		};
		err = start(session, id, run, source);
	}
	if (err) {
		free(source);
		free(bytes);
	}
	return err;
}

int text_stream_file(struct session *session, uint32_t id, int fd, uint64_t limit,
		     long long reply_id)
{
	struct text_stream *source = calloc(1, sizeof(*source));
	int err = -ENOMEM;

	if (source) {
		*source = (struct text_stream){ .fd = fd, .left = limit, .reply_id = reply_id };
		err = start(session, id, NULL, source);
	}
	if (err) {
		free(source);
		close(fd);
	}
	return err;
}
