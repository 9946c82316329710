// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* What a process writes: read no faster than the client takes it, so that the process waits and
 * nothing is lost. */
#include <errno.h>
#include <unistd.h>

#include "limits.h"
#include "process.h"

static void set_resting(struct output *output, bool resting)
{
	if (output->resting == resting)
		return;
	output->resting = resting;
	loop_modify(&output->process->session->loop, &output->watch, resting ? 0 : EPOLLIN);
}

static void finish(struct output *output)
{
	struct stream *stream = output->stream;

	output_close(output);
	stream_finish(stream);
}

bool output_pump(struct output *output)
{
	struct stream *stream = output->stream;
	char block[BATCH_BYTES];

	while (stream) {
		size_t room = stream_room(stream);
		ssize_t got;

		if (!room) {
			set_resting(output, true);
			return false;
		}
		got = read(output->watch.fd, block, room < sizeof(block) ? room : sizeof(block));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN) {
			set_resting(output, false);
			return false;
		}
		/* A terminal whose other side is closed says EIO. */
		if (got <= 0)
			return true;
		stream_send(stream, block, (size_t)got);
		output->owed -= output->owed < (size_t)got ? output->owed : (size_t)got;
	}
	return true;
}

static void pump(struct output *output)
{
	struct process *process = output->process;

	if (output_pump(output))
		finish(output);
	if (process->exited)
		process_check_end(process);
}

static void ready(struct watch *watch, uint32_t events)
{
	(void)events;
	pump(watch->context);
}

static void more(struct stream *stream)
{
	pump(stream->context);
}

/* The client does not want it any more: the process sees a closed pipe. */
static void close_stream(struct stream *stream)
{
	output_close(stream->context);
}

static const struct stream_user user = { .more = more, .close = close_stream };

bool output_open(struct output *output, struct process *process, int fd, uint32_t stream)
{
	output->process = process;
	output->watch = (struct watch){ .fd = fd, .ready = ready, .context = output };
	output->stream = stream_open(process->session, stream, &user, output, process->run);
	if (!output->stream) {
		close(fd);
		return false;
	}
	loop_add(&process->session->loop, &output->watch, EPOLLIN);
	return true;
}

void output_close(struct output *output)
{
	if (!output->stream)
		return;
	loop_remove(&output->process->session->loop, &output->watch);
	close(output->watch.fd);
	output->stream = NULL;
	output->owed = 0;
}
