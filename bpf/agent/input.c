// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* What a process reads: written as it takes it; credit goes back to the client for what was taken.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "input_wait.h"
#include "limits.h"
#include "process.h"
#include "proto.h"

/* Ctrl-D: how a terminal is told that there is no more. */
#define END_OF_INPUT 4

static void set_watching(struct input *input, bool watching)
{
	if (input->watching == watching)
		return;
	input->watching = watching;
	loop_modify(&input->process->session->loop, &input->watch, watching ? EPOLLOUT : 0);
}

void input_close(struct input *input)
{
	if (input->watch.fd < 0)
		return;
	timer_stop(&input->process->session->loop, &input->look_timer);
	loop_remove(&input->process->session->loop, &input->watch);
	close(input->watch.fd);
	input->watch.fd = -1;
	free(input->bytes);
	input->bytes = NULL;
	input->start = input->end = input->capacity = 0;
}

/* A process that does not read any more takes everything, so that the client need not wait. */
static void discard(struct input *input)
{
	size_t left = input->end - input->start;

	input_close(input);
	if (input->stream && left)
		stream_consumed(input->stream, left);
}

static void end_input(struct input *input)
{
	static const char last = END_OF_INPUT;

	if (input->process->has_terminal && write(input->watch.fd, &last, 1) < 0)
		errno = 0;
	input_close(input);
}

static void pump(struct input *input)
{
	while (input->start < input->end) {
		ssize_t put = write(input->watch.fd, input->bytes + input->start,
				    input->end - input->start);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN) {
			set_watching(input, true);
			return;
		}
		if (put < 0) {
			discard(input);
			return;
		}
		input->start += (size_t)put;
		if (input->stream)
			stream_consumed(input->stream, (size_t)put);
	}
	input->start = input->end = 0;
	set_watching(input, false);
	if (input->ended)
		end_input(input);
}

static void ready(struct watch *watch, uint32_t events)
{
	struct input *input = watch->context;

	/* The reading end of a pipe was closed: epoll says so unasked. */
	if (events & (EPOLLERR | EPOLLHUP) && !(events & EPOLLOUT))
		discard(input);
	else
		pump(input);
}

static void data(struct stream *stream, const uint8_t *bytes, size_t length)
{
	struct input *input = stream->context;

	if (input->watch.fd < 0 || input->ended) {
		stream_consumed(stream, length);
		return;
	}
	if (input->end - input->start + length > INITIAL_CREDIT_BYTES) {
		session_log(stream->session, "warn", input->process->run->name,
			    "More input came than was credited; it is closed.");
		discard(input);
		return;
	}
	if (input->capacity - input->end < length) {
		memmove(input->bytes, input->bytes + input->start, input->end - input->start);
		input->end -= input->start;
		input->start = 0;
	}
	input->told = false;
	memcpy(input->bytes + input->end, bytes, length);
	input->end += length;
	pump(input);
}

static void end(struct stream *stream)
{
	struct input *input = stream->context;

	input->ended = true;
	input->stream = NULL;
	stream_finish(stream);
	if (input->watch.fd >= 0)
		pump(input);
}

static void close_stream(struct stream *stream)
{
	struct input *input = stream->context;

	input->stream = NULL;
	input_close(input);
}

static bool is_empty(int fd)
{
	int pending = 0;

	return ioctl(fd, FIONREAD, &pending) || pending == 0;
}

/* All that the process has written is on its way, so that its question stands in front of ours. */
static bool output_is_sent(const struct process *process)
{
	for (int i = 0; i < 2; i++)
		if (process->outputs[i].stream && !is_empty(process->outputs[i].watch.fd))
			return false;
	return true;
}

static void look(struct timer *timer)
{
	struct input *input = timer->context;
	struct process *process = input->process;

	if (process->exited || input->ended)
		return;
	timer_start(&process->session->loop, timer, INPUT_LOOK_MS);
	if (input->told || input->start < input->end || !is_empty(input->watch.fd) ||
	    !input_is_awaited(process->pid, input->watch.fd) || !output_is_sent(process))
		return;
	input->told = true;
	session_json(process->session, FRAME_EVENT,
		     json_pack("{s:s, s:s, s:i}", "event", "awaits_input", "run",
			       process->run->name, "pid", (int)process->pid));
}

void input_report_waiting(struct input *input)
{
	if (input->watch.fd < 0 || input->process->has_terminal)
		return;
	input->look_timer = (struct timer){ .due = look, .context = input };
	timer_start(&input->process->session->loop, &input->look_timer, INPUT_LOOK_MS);
}

static const struct stream_user user = { .data = data, .end = end, .close = close_stream };

bool input_open(struct input *input, struct process *process, int fd, uint32_t stream)
{
	input->process = process;
	input->watch = (struct watch){ .fd = fd, .ready = ready, .context = input };
	/* All that may come before credit is given back; untouched memory costs nothing. */
	input->capacity = INITIAL_CREDIT_BYTES;
	input->bytes = malloc(input->capacity);
	input->stream = input->bytes
				? stream_open(process->session, stream, &user, input, process->run)
				: NULL;
	if (!input->stream) {
		free(input->bytes);
		input->bytes = NULL;
		close(fd);
		input->watch.fd = -1;
		return false;
	}
	loop_add(&process->session->loop, &input->watch, 0);
	return true;
}
