// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * A run: a loaded object, its attachments and its processes.
 *
 * Jobs that use the object hold the run with `busy`; what belongs to the object is taken apart only
 * when nobody does.
 */
#ifndef BPFLAB_RUN_H
#define BPFLAB_RUN_H

#include <bpf/libbpf.h>
#include <jansson.h>
#include <stdbool.h>

#include "session.h"

#define MAX_RUN_NAME_BYTES 41

struct attachment;
struct stop_job;

struct run {
	struct run *next;
	struct session *session;
	char name[MAX_RUN_NAME_BYTES];
	/* NULL before load and for runs that are processes only. */
	struct bpf_object *object;
	struct attachment *attachments;
	int attachment_count, next_link;
	int busy;
	/* CLOCK_MONOTONIC; 0 before load. */
	uint64_t loaded_ns;
	bool loading;
	/* It was there for its processes before the object came, and stays when the object is
	 * refused. */
	bool had_processes;
	/* No new work is taken; `stop_id` is answered at the end, unless it is -1. */
	bool stopping;
	long long stop_id;
	/* Frees itself at the end of the stop. */
	struct stop_job *stop;
	/* Requests that came while the object was being loaded; an array or NULL. */
	json_t *parked;
};

struct run *run_find(struct session *session, const char *name);
/* A new, empty run; NULL when there are MAX_RUNS or no memory. */
struct run *run_new(struct session *session, const char *name);
/* The run of a request's `run` field: answers BPFLAB_RUN_UNKNOWN or parks the request and gives
 * NULL. */
struct request;
struct run *run_of_request(struct request *request);
void run_hold(struct run *run);
/* Ends a hold; goes on with a stop that waited for it. */
void run_release(struct run *run);
/* The load is over: serves what was parked. */
void run_loaded(struct run *run);
/* Drops a run that holds nothing. */
void run_drop(struct run *run);
void runs_stop_all(struct session *session);
void runs_free(struct session *session);
/* Kernel ids; 0 for what is not loaded. */
uint32_t program_id(const struct bpf_program *program);
uint32_t map_id(const struct bpf_map *map);
/* The map of that name, or NULL. */
struct bpf_map *run_map(const struct run *run, const char *name);

#endif
