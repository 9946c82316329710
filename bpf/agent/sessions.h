// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Sessions of the supervisor: hellos, frames, leases, workers that end. */
#ifndef BPFLAB_SESSIONS_H
#define BPFLAB_SESSIONS_H

#include <jansson.h>

#include "client.h"
#include "frame.h"
#include "relay.h"
#include "supervisor.h"

/* One frame of a client. */
void sessions_serve(struct supervisor *supervisor, struct client *client,
		    const struct frame *frame);
/* Nobody is at the client's other end: its session's lease begins. */
void sessions_client_lost(struct supervisor *supervisor, struct client *client);
/* The worker has closed its channel. */
void sessions_worker_ended(struct supervisor *supervisor, struct relay *relay);
/* Starts the worker that waits for a hello, unless it is there. */
void sessions_need_spare(struct supervisor *supervisor);
void sessions_end_all(struct supervisor *supervisor);
/* Ends sessions that have asked for nothing for as long as the policy lets them. */
void sessions_end_idle(struct supervisor *supervisor);
/* Takes the exit of orphans that came to us; a worker's own is left to worker_end. */
void sessions_reap(const struct supervisor *supervisor);
/* Tells a client by a `swept` event, and our own log, what was found. */
void sessions_tell_swept(struct client *client, json_t *items);

#endif
