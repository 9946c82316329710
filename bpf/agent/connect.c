// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * The exec of a pod ends here. The client's own hello names session and place; the command line
 * repeats both, so that a policy that looks at commands sees them, and one that does not fit them
 * is refused.
 */
#include "connect.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent_note.h"
#include "fields.h"
#include "frame.h"
#include "proto.h"

#define BLOCK_BYTES (64 * 1024)

static int write_all(int fd, const uint8_t *bytes, size_t length)
{
	while (length) {
		ssize_t put = write(fd, bytes, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return -EPIPE;
		bytes += put;
		length -= (size_t)put;
	}
	return 0;
}

static int open_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static bool hello_fits(const struct frame *frame, const struct connect_options *options)
{
	struct fields fields = { .object = json_loadb((const char *)frame->payload, frame->length,
						      0, NULL) };
	bool fits = frame->kind == FRAME_HELLO &&
		    !strcmp(field_string(&fields, "session"), options->session) &&
		    (!options->after ||
		     !strcmp(field_string_or(&fields, "after", "0"), options->after));

	json_decref(fields.object);
	return fits;
}

/* Reads the client's first frame, checks it, and passes on what was read. */
static int pass_hello(int fd, const struct connect_options *options)
{
	struct frame_decoder decoder = { 0 };
	struct frame frame;
	int found, err = -EPIPE;

	while ((found = frame_decoder_next(&decoder, &frame)) == 0) {
		uint8_t *room = frame_decoder_room(&decoder, BLOCK_BYTES);
		ssize_t got = room ? read(0, room, BLOCK_BYTES) : -1;

		if (got <= 0)
			goto cleanup;
		frame_decoder_filled(&decoder, (size_t)got);
	}
	err = found > 0 && hello_fits(&frame, options) ? 0 : -EPROTO;
	if (!err)
		err = write_all(fd, decoder.bytes, decoder.end);
cleanup:
	frame_decoder_free(&decoder);
	return err;
}

/* One block from `from` to `to`; false at the end of either. */
static bool pass(int from, int to)
{
	static uint8_t block[BLOCK_BYTES];
	ssize_t got = read(from, block, sizeof(block));

	if (got < 0)
		return errno == EINTR;
	return got > 0 && !write_all(to, block, (size_t)got);
}

static void pipe_both(int fd)
{
	struct pollfd ends[2] = { { .fd = 0, .events = POLLIN }, { .fd = fd, .events = POLLIN } };

	for (;;) {
		if (poll(ends, 2, -1) < 0 && errno != EINTR)
			return;
		if (ends[1].revents && !pass(fd, 1))
			return;
		if (ends[0].revents && !pass(0, fd))
			return;
	}
}

int connect_session(const struct connect_options *options)
{
	int fd = open_socket(options->socket), err;

	signal(SIGPIPE, SIG_IGN);
	if (fd < 0) {
		agent_note("cannot reach the supervisor at %s: %s", options->socket, strerror(-fd));
		return 1;
	}
	err = pass_hello(fd, options);
	if (!err)
		pipe_both(fd);
	close(fd);
	if (err == -EPROTO)
		agent_note("the first frame is no hello of session %s", options->session);
	return err == -EPROTO ? 2 : 0;
}
