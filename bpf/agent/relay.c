// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "relay.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "client.h"
#include "limits.h"
#include "proto.h"
#include "sessions.h"

#define READ_BYTES (256u * 1024)

static bool counts(uint8_t kind)
{
	return kind != FRAME_HELLO && kind != FRAME_PING && kind != FRAME_PONG;
}

/* A fifth of a second's worth at most is saved up. */
#define BUDGET_PARTS 5
#define REFILL_MS 20

/* Whether the policy's rate lets the worker send now; what it has sent more is paid back first. */
static bool has_budget(struct relay *relay)
{
	uint64_t rate = relay->grant.rate_bytes_s, now;
	int64_t most = (int64_t)(rate / BUDGET_PARTS);

	if (!rate)
		return true;
	now = monotonic_ns();
	relay->budget += (int64_t)((double)rate * (double)(now - relay->budget_ns) / 1e9);
	if (relay->budget > most)
		relay->budget = most;
	relay->budget_ns = now;
	if (relay->budget > 0)
		return true;
	if (!relay->refill.armed)
		timer_start(&relay->supervisor->loop, &relay->refill, REFILL_MS);
	return false;
}

static void refill_due(struct timer *timer)
{
	relay_update(timer->context);
}

/* A client that is away must find everything; one that is there may be slow, but not without end.
 */
static bool may_read_worker(struct relay *relay)
{
	if (!has_budget(relay))
		return false;
	if (relay->client)
		return client_queued(relay->client) < OUTBOX_HIGH_BYTES;
	return relay->backlog.size < BACKLOG_BYTES;
}

bool relay_is_full(const struct relay *relay)
{
	return relay->outbox.queued > OUTBOX_HIGH_BYTES;
}

void relay_update(struct relay *relay)
{
	uint32_t events = 0;

	if (relay->worker.fd < 0)
		return;
	/* A broken channel shows itself as the worker's end when it is read. */
	if (outbox_flush(&relay->outbox, relay->worker.fd))
		outbox_clear(&relay->outbox);
	if (may_read_worker(relay))
		events |= EPOLLIN;
	if (relay->outbox.queued)
		events |= EPOLLOUT;
	if (events != relay->events) {
		relay->events = events;
		loop_modify(&relay->supervisor->loop, &relay->watch, events);
	}
	if (relay->client && !relay_is_full(relay))
		client_read_on(relay->client);
}

/* Whole frames as they stand in the decoder, without looking into them. */
static int pass_frames(struct relay *relay)
{
	struct frame frame;
	int found;

	while ((found = frame_decoder_next(&relay->decoder, &frame)) > 0) {
		const uint8_t *bytes = frame.payload - FRAME_HEADER_BYTES;
		size_t length = FRAME_HEADER_BYTES + frame.length;

		if (frame.kind == FRAME_HELLO && !relay->hello)
			relay->hello =
				json_loadb((const char *)frame.payload, frame.length, 0, NULL);
		relay->budget -= (int64_t)length;
		if (relay->keeps_backlog && counts(frame.kind) &&
		    backlog_add(&relay->backlog, bytes, length, relay->client != NULL))
			return -ENOMEM;
		if (relay->client && client_send(relay->client, bytes, length))
			return -ENOMEM;
	}
	return found;
}

static void worker_ready(struct watch *watch, uint32_t events)
{
	struct relay *relay = watch->context;
	bool ended = false;

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		uint8_t *room = frame_decoder_room(&relay->decoder, READ_BYTES);
		ssize_t got = room ? read(watch->fd, room, READ_BYTES) : -1;

		if (got > 0)
			frame_decoder_filled(&relay->decoder, (size_t)got);
		ended = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) ||
			(got > 0 && pass_frames(relay) < 0);
	}
	if (ended)
		sessions_worker_ended(relay->supervisor, relay);
	else
		relay_update(relay);
}

struct relay *relay_new(struct supervisor *supervisor)
{
	struct relay *relay = calloc(1, sizeof(*relay));

	if (!relay)
		return NULL;
	relay->supervisor = supervisor;
	relay->refill = (struct timer){ .due = refill_due, .context = relay };
	backlog_init(&relay->backlog);
	if (worker_start(&relay->worker, &supervisor->state, &supervisor->facts)) {
		free(relay);
		return NULL;
	}
	relay->events = EPOLLIN;
	relay->watch =
		(struct watch){ .fd = relay->worker.fd, .ready = worker_ready, .context = relay };
	loop_add(&supervisor->loop, &relay->watch, EPOLLIN);
	return relay;
}

bool relay_free(struct relay *relay, bool ended_itself, json_t *items)
{
	struct loop *loop = &relay->supervisor->loop;
	bool is_guest = relay->supervisor->facts.is_guest;
	bool in_order;

	timer_stop(loop, &relay->lease);
	timer_stop(loop, &relay->refill);
	loop_remove(loop, &relay->watch);
	in_order = worker_end(&relay->worker, ended_itself, items);
	if (relay->began_ns)
		audit(&relay->supervisor->facts, (struct auditee){ relay->name, relay->user },
		      "session_end",
		      json_pack("{s:f}", "seconds",
				(double)(monotonic_ns() - relay->began_ns) / 1e9));
	frame_decoder_free(&relay->decoder);
	outbox_clear(&relay->outbox);
	backlog_free(&relay->backlog);
	json_decref(relay->hello);
	grant_free(&relay->grant);
	free(relay);
	/* Its backlog had megabytes, which are the node's again; a guest ends with its session. */
	if (!is_guest)
		malloc_trim(0);
	return in_order;
}

void relay_forward(struct relay *relay, const struct frame *frame)
{
	if (counts(frame->kind))
		relay->received++;
	if (frame->kind == FRAME_REQUEST || frame->kind == FRAME_DATA)
		relay->asked_ns = monotonic_ns();
	outbox_frame(&relay->outbox, frame->kind, frame->stream, frame->payload, frame->length);
	relay_update(relay);
}

void relay_greet(struct relay *relay, struct client *client, const struct frame *hello)
{
	relay->client = client;
	outbox_frame(&relay->outbox, FRAME_HELLO, 0, hello->payload, hello->length);
	relay_update(relay);
}

bool relay_resume_client(struct relay *relay, struct client *client, uint64_t after)
{
	struct outbox frames = { 0 };
	char received[24], *text;

	if (!relay->hello || !backlog_replay(&relay->backlog, after, &frames)) {
		outbox_clear(&frames);
		return false;
	}
	timer_stop(&relay->supervisor->loop, &relay->lease);
	relay->client = client;
	snprintf(received, sizeof(received), "%llu", (unsigned long long)relay->received);
	json_object_set_new(relay->hello, "resumed", json_true());
	json_object_set_new(relay->hello, "received", json_string(received));
	text = json_dumps(relay->hello, JSON_COMPACT);
	if (text)
		client_frame(client, FRAME_HELLO, text, strlen(text));
	free(text);
	while (frames.first) {
		struct chunk *chunk = frames.first;

		frames.first = chunk->next;
		client_chunk(client, chunk);
	}
	relay_update(relay);
	return true;
}
