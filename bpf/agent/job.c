// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "job.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void queue_init(struct job_queue *queue)
{
	queue->head = NULL;
	queue->tail = &queue->head;
}

static void queue_push(struct job_queue *queue, struct job *job)
{
	job->next = NULL;
	*queue->tail = job;
	queue->tail = &job->next;
}

static struct job *queue_take_all(struct job_queue *queue)
{
	struct job *first = queue->head;

	queue_init(queue);
	return first;
}

static struct job *queue_pop(struct job_queue *queue)
{
	struct job *job = queue->head;

	if (!job)
		return NULL;
	queue->head = job->next;
	if (!queue->head)
		queue->tail = &queue->head;
	return job;
}

static void *run_jobs(void *argument)
{
	struct jobs *jobs = argument;
	uint64_t one = 1;

	pthread_mutex_lock(&jobs->lock);
	for (;;) {
		struct job *job = queue_pop(&jobs->waiting);

		if (!job) {
			if (jobs->ending)
				break;
			pthread_cond_wait(&jobs->wake, &jobs->lock);
			continue;
		}
		pthread_mutex_unlock(&jobs->lock);
		job->work(job);
		pthread_mutex_lock(&jobs->lock);
		queue_push(&jobs->finished, job);
		if (write(jobs->event_fd, &one, sizeof(one)) < 0)
			continue;
	}
	pthread_mutex_unlock(&jobs->lock);
	return NULL;
}

static void finish_jobs(struct jobs *jobs)
{
	struct job *job;

	pthread_mutex_lock(&jobs->lock);
	job = queue_take_all(&jobs->finished);
	pthread_mutex_unlock(&jobs->lock);
	while (job) {
		struct job *next = job->next;

		jobs->count--;
		job->done(job);
		job = next;
	}
}

static void ready(struct watch *watch, uint32_t events)
{
	struct jobs *jobs = watch->context;
	uint64_t count;

	(void)events;
	if (read(jobs->event_fd, &count, sizeof(count)) > 0)
		finish_jobs(jobs);
}

int jobs_start(struct jobs *jobs, struct loop *loop)
{
	sigset_t all, before;
	int err;

	queue_init(&jobs->waiting);
	queue_init(&jobs->finished);
	jobs->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (jobs->event_fd < 0)
		return -errno;
	jobs->watch = (struct watch){ .fd = jobs->event_fd, .ready = ready, .context = jobs };
	err = loop_add(loop, &jobs->watch, EPOLLIN);
	if (err)
		return err;
	pthread_mutex_init(&jobs->lock, NULL);
	pthread_cond_init(&jobs->wake, NULL);
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	err = -pthread_create(&jobs->thread, NULL, run_jobs, jobs);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	jobs->started = !err;
	return err;
}

/* What finished jobs submit is done here and now: the thread is gone. */
static void run_inline(struct jobs *jobs)
{
	struct job *job;

	while ((job = queue_pop(&jobs->waiting))) {
		job->work(job);
		jobs->count--;
		job->done(job);
	}
}

void jobs_end(struct jobs *jobs)
{
	if (!jobs->started)
		return;
	pthread_mutex_lock(&jobs->lock);
	jobs->ending = true;
	pthread_cond_signal(&jobs->wake);
	pthread_mutex_unlock(&jobs->lock);
	pthread_join(jobs->thread, NULL);
	jobs->started = false;
	finish_jobs(jobs);
	run_inline(jobs);
	close(jobs->event_fd);
}

void job_submit(struct jobs *jobs, struct job *job)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->count++;
	queue_push(&jobs->waiting, job);
	pthread_cond_signal(&jobs->wake);
	pthread_mutex_unlock(&jobs->lock);
}
