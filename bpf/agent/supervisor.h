// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* `bpflab-agent supervise`: connections, sessions, leases, sweeps. */
#ifndef BPFLAB_SUPERVISOR_H
#define BPFLAB_SUPERVISOR_H

#include <stdbool.h>

#include "facts.h"
#include "frame.h"
#include "loop.h"
#include "state_dir.h"

struct client;
struct relay;
struct supervisor;

/* What the command line says; NULL when absent. */
struct supervise_options {
	const char *port, *socket, *state;
	bool stdio;
};

/* Runs until a signal, or with stdio until its end; the process's exit status. */
int supervise(const struct supervise_options *options);

struct loop *supervisor_loop(struct supervisor *supervisor);
const struct state_dir *supervisor_state(const struct supervisor *supervisor);
const struct facts *supervisor_facts(const struct supervisor *supervisor);
void supervisor_serve(struct supervisor *supervisor, struct client *client,
		      const struct frame *frame);
void supervisor_client_lost(struct supervisor *supervisor, struct client *client);
void supervisor_worker_ended(struct supervisor *supervisor, struct relay *relay);

#endif
