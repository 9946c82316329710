// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "stream.h"

#include <errno.h>
#include <stdlib.h>

#include "bytes.h"
#include "limits.h"
#include "proto.h"
#include "session.h"

/* Credit goes back when this much was consumed, so that a CREDIT frame stands for many DATA frames.
 */
#define CREDIT_STEP_BYTES (INITIAL_CREDIT_BYTES / 4)

static struct stream **bucket(struct session *session, uint32_t id)
{
	return &session->streams[id % STREAM_BUCKETS];
}

struct stream *stream_find(struct session *session, uint32_t id)
{
	struct stream *stream = *bucket(session, id);

	while (stream && stream->id != id)
		stream = stream->next;
	return stream;
}

struct stream *stream_open(struct session *session, uint32_t id, const struct stream_user *user,
			   void *context, struct run *run)
{
	struct stream *stream;

	if (stream_find(session, id) || session->stream_count >= MAX_STREAMS)
		return NULL;
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return NULL;
	stream->session = session;
	stream->run = run;
	stream->user = user;
	stream->context = context;
	stream->id = id;
	stream->credit = INITIAL_CREDIT_BYTES;
	stream->next = *bucket(session, id);
	*bucket(session, id) = stream;
	session->stream_count++;
	return stream;
}

static void forget(struct stream *stream)
{
	struct session *session = stream->session;

	for (struct stream **at = bucket(session, stream->id); *at; at = &(*at)->next) {
		if (*at == stream) {
			*at = stream->next;
			break;
		}
	}
	session->stream_count--;
	free(stream);
}

/* END is for those who send; on a stream that only the client sends on, its own END was the last. */
void stream_finish(struct stream *stream)
{
	if (!stream->user->data)
		session_frame(stream->session, FRAME_END, stream->id, NULL, 0);
	forget(stream);
}

void stream_abort(struct stream *stream)
{
	if (stream->user->close)
		stream->user->close(stream);
	stream_finish(stream);
}

/* One stream of `run` (or of anybody, for NULL); `close` may end others, so the search starts anew
 * each time. */
static struct stream *any_stream(struct session *session, const struct run *run)
{
	for (size_t i = 0; i < STREAM_BUCKETS; i++)
		for (struct stream *stream = session->streams[i]; stream; stream = stream->next)
			if (!run || stream->run == run)
				return stream;
	return NULL;
}

bool stream_run_pending(const struct session *session, const struct run *run)
{
	for (size_t i = 0; i < STREAM_BUCKETS; i++)
		for (const struct stream *stream = session->streams[i]; stream;
		     stream = stream->next)
			if (stream->run == run && stream->user->pending &&
			    stream->user->pending(stream))
				return true;
	return false;
}

void stream_abort_run(struct session *session, struct run *run)
{
	struct stream *stream;

	while ((stream = any_stream(session, run)))
		stream_abort(stream);
}

void stream_free_all(struct session *session)
{
	struct stream *stream;

	while ((stream = any_stream(session, NULL))) {
		if (stream->user->close)
			stream->user->close(stream);
		forget(stream);
	}
}

size_t stream_room(struct stream *stream)
{
	if (stream->session->outbox.queued > OUTBOX_HIGH_BYTES) {
		stream->waiting = true;
		return 0;
	}
	return stream->credit < MAX_PAYLOAD_BYTES ? (size_t)stream->credit : MAX_PAYLOAD_BYTES;
}

int stream_send(struct stream *stream, const void *bytes, size_t length)
{
	stream->credit -= length;
	return session_frame(stream->session, FRAME_DATA, stream->id, bytes, length);
}

void stream_consumed(struct stream *stream, size_t length)
{
	uint8_t credit[4];

	stream->taken += (uint32_t)length;
	if (stream->taken < CREDIT_STEP_BYTES)
		return;
	put_u32(credit, stream->taken);
	stream->taken = 0;
	session_frame(stream->session, FRAME_CREDIT, stream->id, credit, sizeof(credit));
}

/* `more` may free any stream, so the next one that waits is looked for from the start. */
static struct stream *next_waiting(struct session *session, uint32_t round)
{
	for (size_t i = 0; i < STREAM_BUCKETS; i++)
		for (struct stream *stream = session->streams[i]; stream; stream = stream->next)
			if (stream->waiting && stream->round != round)
				return stream;
	return NULL;
}

bool stream_resume_all(struct session *session)
{
	uint32_t round = ++session->resume_round;
	struct stream *stream;

	while (session->outbox.queued <= OUTBOX_HIGH_BYTES &&
	       (stream = next_waiting(session, round))) {
		stream->waiting = false;
		stream->round = round;
		if (stream->user->more)
			stream->user->more(stream);
	}
	return next_waiting(session, round + 1) != NULL;
}
