// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Work that may block (libbpf, /proc): done one after the other on a second thread, finished on the
 * loop. */
#ifndef BPFLAB_JOB_H
#define BPFLAB_JOB_H

#include <pthread.h>
#include <stdbool.h>

#include "loop.h"

struct session;

/* Embedded in the work's own memory. `work` touches nothing of the session but what the job holds.
 */
struct job {
	struct job *next;
	struct session *session;
	void (*work)(struct job *job);
	/* On the loop; frees the job. */
	void (*done)(struct job *job);
};

struct job_queue {
	struct job *head;
	struct job **tail;
};

struct jobs {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct job_queue waiting, finished;
	int event_fd;
	int count;
	bool started, ending;
	struct watch watch;
};

int jobs_start(struct jobs *jobs, struct loop *loop);
/* Waits for the running job, runs the waiting ones, then `done` of all. */
void jobs_end(struct jobs *jobs);
void job_submit(struct jobs *jobs, struct job *job);

#endif
