// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The worker's side of one session: its channel, streams, runs, and what they stand on. */
#ifndef BPFLAB_SESSION_H
#define BPFLAB_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "blob.h"
#include "facts.h"
#include "fault.h"
#include "frame.h"
#include "job.h"
#include "journal.h"
#include "loop.h"
#include "outbox.h"
#include "stream.h"
#include "workspace.h"

#define STREAM_BUCKETS 256
#define MAX_SESSION_NAME 64
#define MAX_USER_NAME 64

struct process;
struct printk_pipe;
struct run;

struct session {
	struct loop loop;
	struct watch channel;
	bool channel_full;
	struct frame_decoder decoder;
	struct outbox outbox;
	/* When the channel took something last. */
	uint64_t sent_ns;
	struct stream *streams[STREAM_BUCKETS];
	uint32_t stream_count, resume_round;
	/* Armed while streams could go on at once: other events get their turn in between. */
	struct timer resume_timer;
	/* Armed when requests were served: what they took goes back to the target. */
	struct timer memory_timer;
	struct jobs jobs;
	struct run *runs;
	struct process *processes;
	struct watch child_signal;
	struct blobs blobs;
	/* Announced by `put` and not complete yet. */
	size_t incoming_bytes;
	struct workspace workspace;
	struct journal *journal;
	const struct facts *facts;
	struct printk_pipe *printk;
	/* Open while a run lives: run counts and times are kept by the kernel for its sake. */
	int stats_fd;
	char name[MAX_SESSION_NAME + 1];
	char user[MAX_USER_NAME + 1];
	/* Of the policy; NULL without one. See policy.h. */
	json_t *terms;
	bool greeted;
	/* See network.h. */
	bool own_network;
	/* `bye` waits for the last run to stop; its id, or -1. */
	long long bye_id;
};

/* Runs the session on `channel_fd` until it ends; the worker's exit status. */
int session_serve(struct session *session, int channel_fd);
void session_chunk(struct session *session, struct chunk *chunk);
/* A frame of any kind; memory that is not there ends the session. Returns 0 or -ENOMEM. */
int session_frame(struct session *session, uint8_t kind, uint32_t stream, const void *payload,
		  size_t length);
/* Takes `value`; one that is too long for a frame is not sent. */
void session_json(struct session *session, uint8_t kind, json_t *value);
/* Takes `result`, which may be NULL for {}. */
void reply_ok(struct session *session, long long id, json_t *result);
void reply_fault(struct session *session, long long id, const struct fault *fault);
/* `log` event. */
__attribute__((format(printf, 4, 5))) void session_log(struct session *session, const char *level,
						       const char *run, const char *format, ...);
/* Goes on with `bye` when nothing is left to wait for. */
void session_check_bye(struct session *session);

#endif
