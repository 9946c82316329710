// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* A connection to the supervisor: a socket, a virtio-serial port, or stdin and stdout. */
#ifndef BPFLAB_CLIENT_H
#define BPFLAB_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "loop.h"
#include "outbox.h"

struct relay;
struct supervisor;

enum client_kind {
	CLIENT_SOCKET,
	/* A character device that outlives its users; with nobody there it reads 0 and is hung up.
	 */
	CLIENT_PORT,
	CLIENT_STDIO,
};

struct client {
	struct client *next;
	struct supervisor *supervisor;
	/* The session that it has greeted, or NULL. */
	struct relay *relay;
	enum client_kind kind;
	struct watch in, out;
	struct frame_decoder decoder;
	struct outbox outbox;
	uint64_t sent_ns, heard_ns;
	/* Held back because the worker is; more may wait than epoll will tell of. */
	bool held;
	/* Somebody is at the other end (ports). */
	bool present;
	/* Its session has said bye: nothing follows what waits here. */
	bool last;
	bool dead;
	/* What epoll watches on `in` and `out`; ports are watched once for all, by edges. */
	uint32_t in_events, out_events;
};

/* Watches both descriptors, which may be one; takes them. NULL without memory. */
struct client *client_new(struct supervisor *supervisor, enum client_kind kind, int in_fd,
			  int out_fd);
void client_free(struct client *client);
size_t client_queued(const struct client *client);
/* Bytes of whole frames; 0 or -ENOMEM. */
int client_send(struct client *client, const void *bytes, size_t length);
int client_frame(struct client *client, uint8_t kind, const void *payload, size_t length);
void client_chunk(struct client *client, struct chunk *chunk);
/* Goes on with a client that was held back. */
void client_read_on(struct client *client);
/* Writes what it takes. */
void client_flush(struct client *client);
/* Called every HEARTBEAT_MS. */
void client_beat(struct client *client);

#endif
