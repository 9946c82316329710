// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * One session in the supervisor: frames between its client and its worker, whole or not at all.
 *
 * The worker never touches the client's channel, so its death leaves no half frame there, and pings
 * are answered while it loads a program for seconds.
 */
#ifndef BPFLAB_RELAY_H
#define BPFLAB_RELAY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "backlog.h"
#include "frame.h"
#include "loop.h"
#include "outbox.h"
#include "policy.h"
#include "session.h"
#include "worker.h"

struct client;
struct supervisor;

/* A session, or a worker in wait for one (`name` empty). */
struct relay {
	struct relay *next;
	struct supervisor *supervisor;
	struct client *client;
	struct worker worker;
	struct watch watch;
	struct frame_decoder decoder;
	struct outbox outbox;
	struct timer lease;
	uint64_t lease_ms;
	char name[MAX_SESSION_NAME + 1];
	/* Frames of the client that count for a resume. */
	uint64_t received;
	struct backlog backlog;
	/* The worker's hello, which a client that comes back gets again; a JSON object. */
	json_t *hello;
	/* What epoll watches on the worker's side. */
	uint32_t events;
	bool keeps_backlog;
	char user[MAX_USER_NAME + 1];
	struct grant grant;
	/* CLOCK_MONOTONIC: when it began, and when its client last asked for something. */
	uint64_t began_ns, asked_ns;
	/* Bytes that the worker may still send; see `rate_bytes_s`. */
	int64_t budget;
	uint64_t budget_ns;
	struct timer refill;
};

/* A relay with a fresh worker; NULL when it cannot be started. */
struct relay *relay_new(struct supervisor *supervisor);
/* Ends the worker, sweeps, frees; see worker_end. */
bool relay_free(struct relay *relay, bool ended_itself, json_t *items);
/* A hello of a new session: the worker answers it. */
void relay_greet(struct relay *relay, struct client *client, const struct frame *hello);
/* The client of a broken connection is back; false when frames that it has not seen are gone. */
bool relay_resume_client(struct relay *relay, struct client *client, uint64_t after);
/* A frame of the client. */
void relay_forward(struct relay *relay, const struct frame *frame);
/* The worker does not keep up: the client is not read on. */
bool relay_is_full(const struct relay *relay);
/* Writes what waits, and watches what can go on. */
void relay_update(struct relay *relay);

#endif
