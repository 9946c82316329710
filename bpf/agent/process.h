// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Processes of runs: started in the session's cgroup, their output as plain streams, their end as
 * an event. */
#ifndef BPFLAB_PROCESS_H
#define BPFLAB_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "loop.h"
#include "run.h"
#include "spawn.h"

struct process;

/* stdout, stderr, or what a terminal shows; `stream` is NULL when it has ended. */
struct output {
	struct process *process;
	struct stream *stream;
	struct watch watch;
	bool resting;
	/* Bytes that were in the pipe when the process ended: they go out before `exited` is told.
	 */
	size_t owed;
};

/* What was sent to the process and not taken by it yet. */
struct input {
	struct process *process;
	struct stream *stream;
	struct watch watch;
	uint8_t *bytes;
	size_t start, end, capacity;
	bool ended, watching;
	/* On this clock we look whether the process waits for more; `told`: the client knows. */
	bool told;
	struct timer look_timer;
};

struct process {
	struct process *next;
	struct session *session;
	struct run *run;
	pid_t pid;
	bool has_terminal, exited, told;
	int wait_status;
	struct output outputs[2];
	struct input input;
	struct timer drain_timer;
};

int processes_start(struct session *session);
void processes_free(struct session *session);
/* SIGKILL to the groups of all processes of `run`. */
void processes_kill_run(struct session *session, struct run *run);
/* They are dead: sends what is left, tells their end, forgets them. */
void processes_end_run(struct session *session, struct run *run);
struct process *process_find(struct session *session, pid_t pid);
/* Puts a started process behind its streams; takes the descriptors. NULL when a stream number was
 * in use. */
struct process *process_adopt(struct run *run, const struct spawned *spawned,
			      const uint32_t streams[3]);
/* Goes on with the end of a process when its output has been sent. */
void process_check_end(struct process *process);

/* Parts of a process; see output.c and input.c. */
bool output_open(struct output *output, struct process *process, int fd, uint32_t stream);
void output_close(struct output *output);
/* Sends what is there as far as credit reaches; true when the other side is closed. */
bool output_pump(struct output *output);
bool input_open(struct input *input, struct process *process, int fd, uint32_t stream);
/* From now on the client hears when the process waits for input that has not come. */
void input_report_waiting(struct input *input);
void input_close(struct input *input);

#endif
