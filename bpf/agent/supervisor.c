// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent_note.h"
#include "client.h"
#include "libbpf_log.h"
#include "limits.h"
#include "mounts.h"
#include "port.h"
#include "proto.h"
#include "sessions.h"
#include "warm.h"

/* A socket's client that says nothing for so long is gone, also when its connection does not say
 * so. */
#define SILENCE_MS (10 * HEARTBEAT_MS)

static void beat(struct timer *timer)
{
	struct supervisor *supervisor = timer->context;
	uint64_t now = monotonic_ns();

	sessions_reap(supervisor);
	sessions_end_idle(supervisor);
	for (struct client *client = supervisor->clients; client; client = client->next) {
		client_beat(client);
		if (client->kind == CLIENT_SOCKET &&
		    now - client->heard_ns > SILENCE_MS * 1000000ull && !client->dead) {
			client->dead = true;
			sessions_client_lost(supervisor, client);
		}
	}
	timer_start(&supervisor->loop, timer, HEARTBEAT_MS);
}

static void after_round(void *context)
{
	struct supervisor *supervisor = context;

	for (struct client **at = &supervisor->clients; *at;) {
		struct client *client = *at;

		client_flush(client);
		/* With stdio the reply of `bye` is the last that is written. */
		if (client->last && !client_queued(client))
			supervisor->loop.stopped = true;
		if (!client->dead) {
			at = &client->next;
			continue;
		}
		*at = client->next;
		if (client->relay)
			sessions_client_lost(supervisor, client);
		client_free(client);
	}
}

static struct client *add_client(struct supervisor *supervisor, enum client_kind kind, int in_fd,
				 int out_fd)
{
	struct client *client = client_new(supervisor, kind, in_fd, out_fd);

	if (client) {
		client->next = supervisor->clients;
		supervisor->clients = client;
	}
	return client;
}

static void connection_ready(struct watch *watch, uint32_t events)
{
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0 && !add_client(watch->context, CLIENT_SOCKET, fd, fd))
		close(fd);
}

static void signal_ready(struct watch *watch, uint32_t events)
{
	struct supervisor *supervisor = watch->context;

	(void)events;
	supervisor->ending = true;
	supervisor->loop.stopped = true;
}

static int watch_signals(struct supervisor *supervisor)
{
	sigset_t mask;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	supervisor->signals = (struct watch){ .ready = signal_ready, .context = supervisor };
	supervisor->signals.fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return loop_add(&supervisor->loop, &supervisor->signals, EPOLLIN);
}

static int listen_at(struct supervisor *supervisor, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
		return fd < 0 ? -errno : -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0600) ||
	    listen(fd, MAX_SESSIONS))
		return -errno;
	supervisor->listener =
		(struct watch){ .fd = fd, .ready = connection_ready, .context = supervisor };
	return loop_add(&supervisor->loop, &supervisor->listener, EPOLLIN);
}

static int open_channels(struct supervisor *supervisor)
{
	const struct supervise_options *options = supervisor->options;
	int fd;

	if (options->stdio) {
		/* Copies, so that a stray print cannot get between frames. */
		int in = fcntl(0, F_DUPFD_CLOEXEC, 3), out = fcntl(1, F_DUPFD_CLOEXEC, 3);
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (in < 0 || out < 0 || null < 0 || !add_client(supervisor, CLIENT_STDIO, in, out))
			return -ENOMEM;
		dup2(null, 0);
		dup2(2, 1);
		close(null);
	}
	if (options->port) {
		fd = port_open(options->port);
		if (fd < 0)
			return fd;
		if (!add_client(supervisor, CLIENT_PORT, fd, fd))
			return -ENOMEM;
	}
	return options->socket ? listen_at(supervisor, options->socket) : 0;
}

/*
 * The supervisor before us was killed, and its session with it. A gateway that is at the port still
 * learns it here; other channels have told it by their end.
 */
static void tell_others_swept(struct supervisor *supervisor, json_t *items)
{
	struct client *port = supervisor->clients;

	while (port && port->kind != CLIENT_PORT)
		port = port->next;
	if (json_array_size(items))
		sessions_tell_swept(port, items);
}

/* Everything that a first hello should not wait for. */
static int prepare(struct supervisor *supervisor)
{
	json_t *items = json_array();
	int err;

	libbpf_log_install();
	mounts_prepare(supervisor->options->stdio);
	err = loop_init(&supervisor->loop);
	if (!err)
		err = state_dir_open(&supervisor->state, supervisor->options->state
								 ? supervisor->options->state
								 : DEFAULT_STATE);
	if (!err)
		err = watch_signals(supervisor);
	if (!err) {
		state_dir_sweep_others(&supervisor->state, items);
		facts_find(&supervisor->facts, supervisor->state.base);
		supervisor->facts.is_guest = supervisor->options->port != NULL;
		supervisor->facts.audit = supervisor->options->audit;
		warm_up();
		/* Each worker would make free pages that it is born with its own. */
		if (!supervisor->facts.is_guest)
			malloc_trim(0);
		sessions_need_spare(supervisor);
		err = open_channels(supervisor);
		tell_others_swept(supervisor, items);
	}
	json_decref(items);
	return err;
}

/* Goes when no other supervisor has sessions below it. */
static void remove_cgroup_parent(const struct facts *facts)
{
	char path[MAX_PATH_BYTES + 16];

	snprintf(path, sizeof(path), "%s/bpflab", facts->cgroup_mount);
	if (facts->cgroup_mount[0])
		rmdir(path);
}

static void finish(struct supervisor *supervisor)
{
	sessions_end_all(supervisor);
	while (supervisor->clients) {
		struct client *client = supervisor->clients;

		supervisor->clients = client->next;
		client_free(client);
	}
	if (supervisor->options->socket)
		unlink(supervisor->options->socket);
	sessions_reap(supervisor);
	remove_cgroup_parent(&supervisor->facts);
	state_dir_remove(&supervisor->state);
	loop_close(&supervisor->loop);
}

int supervise(const struct supervise_options *options)
{
	struct supervisor *supervisor = calloc(1, sizeof(*supervisor));
	int err = -ENOMEM;

	if (supervisor) {
		supervisor->options = options;
		/* What a dead worker's processes leave behind becomes ours. */
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		/* A supervisor of a pipe is nobody's when its parent is gone. */
		if (options->stdio)
			prctl(PR_SET_PDEATHSIG, SIGTERM);
		err = prepare(supervisor);
	}
	if (err) {
		agent_note("cannot start: %s", strerror(-err));
		free(supervisor);
		return 1;
	}
	agent_note("ready");
	supervisor->beat = (struct timer){ .due = beat, .context = supervisor };
	timer_start(&supervisor->loop, &supervisor->beat, HEARTBEAT_MS);
	err = loop_run(&supervisor->loop, after_round, supervisor);
	finish(supervisor);
	free(supervisor);
	return err ? 1 : 0;
}
