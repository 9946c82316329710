// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent_note.h"
#include "bytes.h"
#include "errors.h"
#include "greeting.h"
#include "limits.h"
#include "printk.h"
#include "process.h"
#include "proto.h"
#include "request.h"
#include "run.h"

/* Bytes asked of the channel at once. */
#define READ_BYTES (256u * 1024)
/* Rounds of reading before other sources get their turn. */
#define READ_ROUNDS 4
/* The allocator's free pages go back so long after a request; a burst is not slowed by it. */
#define MEMORY_MS 2000

void session_chunk(struct session *session, struct chunk *chunk)
{
	outbox_add(&session->outbox, chunk);
}

int session_frame(struct session *session, uint8_t kind, uint32_t stream, const void *payload,
		  size_t length)
{
	int err = outbox_frame(&session->outbox, kind, stream, payload, length);

	/* A stream with a hole would be a lie; without memory there is no session. */
	if (err)
		session->loop.stopped = true;
	return err;
}

/* Takes `value`; false when it is too long for a frame. */
static bool send_json(struct session *session, uint8_t kind, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);
	size_t length = text ? strlen(text) : 0;

	json_decref(value);
	if (!text)
		session->loop.stopped = true;
	else if (length <= MAX_PAYLOAD_BYTES)
		session_frame(session, kind, 0, text, length);
	free(text);
	return length <= MAX_PAYLOAD_BYTES;
}

void session_json(struct session *session, uint8_t kind, json_t *value)
{
	send_json(session, kind, value);
}

void reply_fault(struct session *session, long long id, const struct fault *fault)
{
	send_json(session, FRAME_REPLY,
		  json_pack("{s:I, s:b, s:o}", "id", (json_int_t)id, "ok", 0, "error",
			    fault_json(fault)));
}

void reply_ok(struct session *session, long long id, json_t *result)
{
	struct fault fault = { 0 };

	if (send_json(session, FRAME_REPLY,
		      json_pack("{s:I, s:b, s:o}", "id", (json_int_t)id, "ok", 1, "result",
				result ? result : json_object())))
		return;
	fault_set(&fault, E_LIMIT, EMSGSIZE, NULL,
		  "The answer does not fit into a frame of %u bytes.", MAX_PAYLOAD_BYTES);
	reply_fault(session, id, &fault);
}

void session_log(struct session *session, const char *level, const char *run, const char *format,
		 ...)
{
	json_t *event = json_pack("{s:s, s:s}", "event", "log", "level", level);
	char text[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	json_object_set_new(event, "text", text_json(text, strlen(text)));
	if (run)
		json_object_set_new(event, "run", json_string(run));
	session_json(session, FRAME_EVENT, event);
}

static void serve_credit(struct session *session, const struct frame *frame)
{
	struct stream *stream = stream_find(session, frame->stream);

	/* A stream that has just ended may still be given credit. */
	if (!stream)
		return;
	stream->credit += get_u32(frame->payload);
	if (stream->user->more)
		stream->user->more(stream);
}

/* Data for a stream that has ended meanwhile are credited all the same: their sender must not wait
 * for ever. */
static void serve_data(struct session *session, const struct frame *frame)
{
	struct stream *stream = stream_find(session, frame->stream);
	uint8_t credit[4];

	if (stream && stream->user->data) {
		stream->user->data(stream, frame->payload, frame->length);
		return;
	}
	put_u32(credit, (uint32_t)frame->length);
	session_frame(session, FRAME_CREDIT, frame->stream, credit, sizeof(credit));
}

/*
 * What loads and answers have taken is free and stays ours, megabytes of it, unless it is given
 * back. A node has many sessions; a guest's memory is nobody else's, and faults are dear there.
 */
static void memory_due(struct timer *timer)
{
	struct session *session = timer->context;

	if (session->jobs.count)
		timer_start(&session->loop, timer, MEMORY_MS);
	else
		malloc_trim(0);
}

static void serve_request(struct session *session, const struct frame *frame)
{
	request_serve(session, frame->payload, frame->length);
	if (!session->facts->is_guest && !session->memory_timer.armed)
		timer_start(&session->loop, &session->memory_timer, MEMORY_MS);
}

static int serve_frame(struct session *session, const struct frame *frame)
{
	struct stream *stream;

	if (!session->greeted && frame->kind != FRAME_HELLO && frame->kind != FRAME_PING)
		return -EPROTO;
	switch (frame->kind) {
	case FRAME_HELLO:
		return session->greeted ? -EPROTO
					: greeting_answer(session, frame->payload, frame->length);
	case FRAME_REQUEST:
		serve_request(session, frame);
		return 0;
	case FRAME_DATA:
		serve_data(session, frame);
		return 0;
	case FRAME_END:
		stream = stream_find(session, frame->stream);
		if (stream && stream->user->end)
			stream->user->end(stream);
		return 0;
	case FRAME_CREDIT:
		serve_credit(session, frame);
		return 0;
	case FRAME_PING:
		return session_frame(session, FRAME_PONG, 0, frame->payload, frame->length);
	case FRAME_PONG:
		return 0;
	default:
		return -EPROTO;
	}
}

static int read_channel(struct session *session)
{
	for (int round = 0; round < READ_ROUNDS; round++) {
		uint8_t *room = frame_decoder_room(&session->decoder, READ_BYTES);
		struct frame frame;
		ssize_t got;
		int found;

		if (!room)
			return -ENOMEM;
		got = read(session->channel.fd, room, READ_BYTES);
		if (got < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (got == 0)
			return -EPIPE;
		frame_decoder_filled(&session->decoder, (size_t)got);
		while ((found = frame_decoder_next(&session->decoder, &frame)) > 0) {
			int err = serve_frame(session, &frame);

			if (err)
				return err;
		}
		if (found < 0)
			return found;
		if ((size_t)got < READ_BYTES)
			return 0;
	}
	return 0;
}

static void channel_ready(struct watch *watch, uint32_t events)
{
	struct session *session = watch->context;

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		int err = read_channel(session);

		if (err) {
			if (err != -EPIPE)
				agent_note("the channel broke: %s", strerror(-err));
			session->loop.stopped = true;
		}
	}
}

static void flush(struct session *session)
{
	size_t before = session->outbox.queued;
	bool full;

	if (outbox_flush(&session->outbox, session->channel.fd)) {
		session->loop.stopped = true;
		return;
	}
	if (session->outbox.queued < before)
		session->sent_ns = monotonic_ns();
	full = session->outbox.queued > 0;
	if (full != session->channel_full) {
		session->channel_full = full;
		loop_modify(&session->loop, &session->channel, full ? EPOLLIN | EPOLLOUT : EPOLLIN);
	}
}

/* All that is to be done in the next round is in after_round. */
static void resume_due(struct timer *timer)
{
	(void)timer;
}

/* Everything that a round produced goes out in few writes; sources rest while the channel is full. */
static void after_round(void *context)
{
	struct session *session = context;

	flush(session);
	if (session->outbox.queued > OUTBOX_LOW_BYTES || session->loop.stopped)
		return;
	if (stream_resume_all(session))
		timer_start(&session->loop, &session->resume_timer, 0);
	flush(session);
}

/* `bye` is answered when the last run is gone; the answer is the last frame, written whatever it
 * takes. */
static void send_last(struct session *session)
{
	int flags = fcntl(session->channel.fd, F_GETFL);

	fcntl(session->channel.fd, F_SETFL, flags & ~O_NONBLOCK);
	outbox_flush(&session->outbox, session->channel.fd);
}

void session_check_bye(struct session *session)
{
	if (session->bye_id < 0 || session->runs || session->jobs.count)
		return;
	stream_abort_run(session, NULL);
	printk_close(session);
	reply_ok(session, session->bye_id, NULL);
	session->loop.stopped = true;
}

void verb_bye(struct request *request)
{
	struct session *session = request->session;

	session->bye_id = request->id;
	runs_stop_all(session);
	session_check_bye(session);
}

int session_serve(struct session *session, int channel_fd)
{
	int err;

	session->bye_id = -1;
	session->stats_fd = -1;
	session->resume_timer.due = resume_due;
	session->memory_timer = (struct timer){ .due = memory_due, .context = session };
	session->channel =
		(struct watch){ .fd = channel_fd, .ready = channel_ready, .context = session };
	err = loop_init(&session->loop);
	if (!err)
		err = loop_add(&session->loop, &session->channel, EPOLLIN);
	if (!err)
		err = jobs_start(&session->jobs, &session->loop);
	if (!err)
		err = processes_start(session);
	if (!err)
		err = loop_run(&session->loop, after_round, session);
	if (err)
		agent_note("the worker failed: %s", strerror(-err));
	if (session->bye_id >= 0)
		send_last(session);
	jobs_end(&session->jobs);
	stream_free_all(session);
	runs_free(session);
	processes_free(session);
	printk_close(session);
	blobs_free(&session->blobs);
	outbox_clear(&session->outbox);
	frame_decoder_free(&session->decoder);
	if (session->stats_fd >= 0)
		close(session->stats_fd);
	loop_close(&session->loop);
	json_decref(session->terms);
	return err || session->bye_id < 0 ? 1 : 0;
}
