// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent_note.h"
#include "bytes.h"
#include "limits.h"
#include "proto.h"
#include "relay.h"
#include "sessions.h"

#define READ_BYTES (256u * 1024)

size_t client_queued(const struct client *client)
{
	return client->outbox.queued;
}

void client_chunk(struct client *client, struct chunk *chunk)
{
	client->sent_ns = monotonic_ns();
	outbox_add(&client->outbox, chunk);
}

int client_send(struct client *client, const void *bytes, size_t length)
{
	struct chunk *chunk = chunk_new(length);

	if (!chunk)
		return -ENOMEM;
	memcpy(chunk->bytes, bytes, length);
	chunk->length = length;
	client_chunk(client, chunk);
	return 0;
}

int client_frame(struct client *client, uint8_t kind, const void *payload, size_t length)
{
	client->sent_ns = monotonic_ns();
	return outbox_frame(&client->outbox, kind, 0, payload, length);
}

/* Nobody is at the other end any more. A port stays and waits for the next one; other clients go.
 */
static void lost(struct client *client)
{
	if (client->kind == CLIENT_PORT) {
		bool was_present = client->present;

		client->present = false;
		frame_decoder_reset(&client->decoder);
		outbox_clear(&client->outbox);
		if (was_present)
			sessions_client_lost(client->supervisor, client);
		return;
	}
	client->dead = true;
	sessions_client_lost(client->supervisor, client);
}

/* Serves the frames that are there; false when the client must be held back or is lost. */
static bool serve_frames(struct client *client)
{
	struct frame frame;
	int found = 0;

	while (!(client->relay && relay_is_full(client->relay)) &&
	       (found = frame_decoder_next(&client->decoder, &frame)) > 0) {
		sessions_serve(client->supervisor, client, &frame);
		if (client->dead)
			return false;
	}
	if (found < 0) {
		agent_note("a client does not speak our frames: %s", strerror(-found));
		lost(client);
		return false;
	}
	client->held = client->relay && relay_is_full(client->relay);
	return !client->held;
}

/* Reads until there is no more: a port is watched edge-triggered, since its hang-up would be told
 * for ever. */
static void read_all(struct client *client)
{
	while (serve_frames(client)) {
		uint8_t *room = frame_decoder_room(&client->decoder, READ_BYTES);
		ssize_t got = room ? read(client->in.fd, room, READ_BYTES) : -1;

		if (got > 0) {
			client->present = true;
			client->heard_ns = monotonic_ns();
			frame_decoder_filled(&client->decoder, (size_t)got);
			continue;
		}
		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0 ||
		    (errno != EAGAIN && !(client->kind == CLIENT_PORT && errno == EPIPE)))
			lost(client);
		return;
	}
}

/* Readiness that is not wanted now must not be told over and over. */
static void watch_what_matters(struct client *client)
{
	struct loop *loop = &client->supervisor->loop;
	uint32_t out = client->outbox.first ? EPOLLOUT : 0, in = client->held ? 0 : EPOLLIN;

	if (client->kind == CLIENT_PORT || client->dead)
		return;
	if (client->in.fd == client->out.fd)
		in |= out;
	else if (out != client->out_events && !loop_modify(loop, &client->out, out))
		client->out_events = out;
	if (in != client->in_events && !loop_modify(loop, &client->in, in))
		client->in_events = in;
}

void client_read_on(struct client *client)
{
	if (!client->held || client->dead)
		return;
	client->held = false;
	read_all(client);
	watch_what_matters(client);
}

void client_flush(struct client *client)
{
	if (client->dead)
		return;
	if (client->outbox.first && outbox_flush(&client->outbox, client->out.fd)) {
		outbox_clear(&client->outbox);
		/* A port says by its reading that nobody is there. */
		if (client->kind != CLIENT_PORT) {
			lost(client);
			return;
		}
	}
	watch_what_matters(client);
	if (client->relay)
		relay_update(client->relay);
}

static void in_ready(struct watch *watch, uint32_t events)
{
	struct client *client = watch->context;

	(void)events;
	if (client->dead)
		return;
	if (!client->held)
		read_all(client);
	client_flush(client);
}

static void out_ready(struct watch *watch, uint32_t events)
{
	struct client *client = watch->context;

	if (client->dead)
		return;
	if (events & EPOLLERR)
		lost(client);
	else
		client_flush(client);
}

struct client *client_new(struct supervisor *supervisor, enum client_kind kind, int in_fd,
			  int out_fd)
{
	struct client *client = calloc(1, sizeof(*client));
	struct loop *loop = &supervisor->loop;

	if (!client)
		return NULL;
	client->supervisor = supervisor;
	client->kind = kind;
	client->in = (struct watch){ .fd = in_fd, .ready = in_ready, .context = client };
	client->out = (struct watch){ .fd = out_fd, .ready = out_ready, .context = client };
	client->heard_ns = client->sent_ns = monotonic_ns();
	fcntl(in_fd, F_SETFL, fcntl(in_fd, F_GETFL) | O_NONBLOCK);
	fcntl(out_fd, F_SETFL, fcntl(out_fd, F_GETFL) | O_NONBLOCK);
	client->in_events = EPOLLIN;
	loop_add(loop, &client->in, kind == CLIENT_PORT ? EPOLLIN | EPOLLOUT | EPOLLET : EPOLLIN);
	if (in_fd != out_fd)
		loop_add(loop, &client->out, 0);
	return client;
}

void client_free(struct client *client)
{
	struct loop *loop = &client->supervisor->loop;

	loop_remove(loop, &client->in);
	if (client->in.fd != client->out.fd) {
		loop_remove(loop, &client->out);
		close(client->out.fd);
	}
	close(client->in.fd);
	frame_decoder_free(&client->decoder);
	outbox_clear(&client->outbox);
	free(client);
}

void client_beat(struct client *client)
{
	uint64_t now = monotonic_ns();
	uint8_t token[8];

	if (!client->relay || client->dead || now - client->sent_ns < HEARTBEAT_MS * 1000000ull)
		return;
	put_u64(token, now);
	client_frame(client, FRAME_PING, token, sizeof(token));
	client_flush(client);
}
