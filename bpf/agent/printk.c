// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * One reader of the instance's trace_pipe, any number of streams. printk is kernel-wide: lines of
 * other programs on the node come too; who wants only a run's lines looks for the mark that the
 * gateway puts in front of them.
 */
#include "printk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "errors.h"
#include "limits.h"
#include "proto.h"
#include "ring.h"

/* A line of the trace is shorter than a page; longer ones are cut there. */
#define LINE_BYTES 8192

struct printk_pipe {
	struct watch watch;
	struct printk_stream *streams;
	size_t filled;
	char bytes[BATCH_BYTES];
};

struct printk_stream {
	struct printk_stream *next;
	struct batch batch;
};

/* "CPU:1 [LOST 25 EVENTS]" stands for lines that were overwritten before they were read. */
static uint64_t lost_lines(const char *line, size_t length)
{
	char text[64];
	unsigned long long lost;
	int cpu;

	snprintf(text, sizeof(text), "%.*s", (int)length, line);
	return sscanf(text, "CPU:%d [LOST %llu EVENTS]", &cpu, &lost) == 2 ? lost : 0;
}

static void deliver(struct printk_pipe *pipe, const char *line, size_t length)
{
	uint64_t lost = lost_lines(line, length);

	for (struct printk_stream *stream = pipe->streams; stream; stream = stream->next) {
		uint8_t *room;

		if (lost) {
			batch_lost(&stream->batch, lost);
			continue;
		}
		room = batch_record(&stream->batch, CPU_UNKNOWN, length);
		if (room)
			memcpy(room, line, length);
		else
			batch_lost(&stream->batch, 1);
	}
}

/* Delivers whole lines; what is left of the last one stays for the next read. */
static void split_lines(struct printk_pipe *pipe)
{
	size_t start = 0;
	char *end;

	while ((end = memchr(pipe->bytes + start, '\n', pipe->filled - start))) {
		deliver(pipe, pipe->bytes + start, (size_t)(end - pipe->bytes) - start);
		start = (size_t)(end - pipe->bytes) + 1;
	}
	if (start == 0 && pipe->filled > LINE_BYTES) {
		deliver(pipe, pipe->bytes, pipe->filled);
		start = pipe->filled;
	}
	memmove(pipe->bytes, pipe->bytes + start, pipe->filled - start);
	pipe->filled -= start;
}

/* Returns what the last read gave. */
static ssize_t read_once(struct printk_pipe *pipe)
{
	ssize_t got = read(pipe->watch.fd, pipe->bytes + pipe->filled,
			   sizeof(pipe->bytes) - pipe->filled);

	if (got > 0) {
		pipe->filled += (size_t)got;
		split_lines(pipe);
	}
	return got;
}

static void flush(struct printk_pipe *pipe)
{
	for (struct printk_stream *stream = pipe->streams; stream; stream = stream->next)
		batch_flush(&stream->batch);
}

/* A flood of lines must not starve the rest of the session: so many reads, then the others. */
static void ready(struct watch *watch, uint32_t events)
{
	struct printk_pipe *pipe = watch->context;

	(void)events;
	for (int i = 0; i < 8 && read_once(pipe) > 0; i++)
		;
	flush(pipe);
}

/* Lines from before the first reader are of programs that nobody watches. */
static void forget_old_lines(const struct session *session)
{
	char path[MAX_PATH_BYTES + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/trace", session->workspace.instance);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
}

static struct printk_pipe *open_pipe(struct session *session, struct fault *fault)
{
	struct printk_pipe *pipe;
	char path[MAX_PATH_BYTES + 16];

	if (!session->workspace.instance[0]) {
		fault_set(fault, E_REQUEST, ENOTSUP, NULL,
			  "The target gave the session no tracing instance.");
		return NULL;
	}
	pipe = calloc(1, sizeof(*pipe));
	if (!pipe)
		return NULL;
	forget_old_lines(session);
	snprintf(path, sizeof(path), "%s/trace_pipe", session->workspace.instance);
	pipe->watch = (struct watch){ .ready = ready, .context = pipe };
	pipe->watch.fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (pipe->watch.fd < 0 || loop_add(&session->loop, &pipe->watch, EPOLLIN)) {
		fault_set(fault, E_REQUEST, errno, NULL, "Cannot read \"%s\": %s.", path,
			  strerror(errno));
		if (pipe->watch.fd >= 0)
			close(pipe->watch.fd);
		free(pipe);
		return NULL;
	}
	return pipe;
}

/* The last lines of a run that stops are in the pipe when its programs are gone. */
static void close_stream(struct stream *stream)
{
	struct printk_pipe *pipe = stream->session->printk;
	struct printk_stream *mine = stream->context;

	while (read_once(pipe) > 0)
		;
	for (struct printk_stream **at = &pipe->streams; *at; at = &(*at)->next) {
		if (*at == mine) {
			*at = mine->next;
			break;
		}
	}
	batch_flush(&mine->batch);
	flush(pipe);
	free(mine);
}

static const struct stream_user user = { .close = close_stream };

int printk_subscribe(struct run *run, uint32_t id, struct fault *fault)
{
	struct session *session = run->session;
	struct printk_stream *mine;

	if (!session->printk)
		session->printk = open_pipe(session, fault);
	if (!session->printk)
		return fault_set(fault, E_LIMIT, ENOMEM, NULL,
				 "There is no memory for the stream.");
	mine = calloc(1, sizeof(*mine));
	if (!mine)
		return fault_set(fault, E_LIMIT, ENOMEM, NULL,
				 "There is no memory for the stream.");
	mine->batch.stream = stream_open(session, id, &user, mine, run);
	if (!mine->batch.stream) {
		free(mine);
		return stream_in_use(fault, id);
	}
	mine->next = session->printk->streams;
	session->printk->streams = mine;
	return 0;
}

void printk_close(struct session *session)
{
	struct printk_pipe *pipe = session->printk;

	if (!pipe)
		return;
	loop_remove(&session->loop, &pipe->watch);
	close(pipe->watch.fd);
	free(pipe);
	session->printk = NULL;
}
