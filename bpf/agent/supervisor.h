// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* `bpflab-agent supervise`: what it listens to and what it holds. */
#ifndef BPFLAB_SUPERVISOR_H
#define BPFLAB_SUPERVISOR_H

#include <stdbool.h>

#include "facts.h"
#include "loop.h"
#include "state_dir.h"

struct client;
struct relay;

/* What the command line says; NULL when absent. */
struct supervise_options {
	const char *port, *socket, *state;
	/* Sessions of the socket are held to it; see policy.h. */
	const char *policy;
	bool stdio, audit;
};

struct supervisor {
	const struct supervise_options *options;
	struct loop loop;
	struct state_dir state;
	struct facts facts;
	struct watch signals, listener;
	struct timer beat;
	struct client *clients;
	/* Sessions, and the worker that waits for the next one's hello. */
	struct relay *relays, *spare;
	bool ending;
};

/* Runs until a signal, or with stdio until its end; the process's exit status. */
int supervise(const struct supervise_options *options);

#endif
