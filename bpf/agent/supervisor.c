// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
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

#include "client.h"
#include "errors.h"
#include "fault.h"
#include "fields.h"
#include "greeting.h"
#include "libbpf_log.h"
#include "limits.h"
#include "mounts.h"
#include "port.h"
#include "proto.h"
#include "relay.h"
#include "warm.h"

/* A socket's client that says nothing for so long is gone, also when its connection does not say
 * so. */
#define SILENCE_MS (10 * HEARTBEAT_MS)

struct supervisor {
	struct loop loop;
	struct state_dir state;
	struct facts facts;
	struct watch signals, listener;
	struct timer beat;
	struct client *clients;
	struct relay *relays;
	/* A worker that waits for its first hello. */
	struct relay *spare;
	const struct supervise_options *options;
	bool ending;
};

struct loop *supervisor_loop(struct supervisor *supervisor)
{
	return &supervisor->loop;
}

const struct state_dir *supervisor_state(const struct supervisor *supervisor)
{
	return &supervisor->state;
}

const struct facts *supervisor_facts(const struct supervisor *supervisor)
{
	return &supervisor->facts;
}

static void send_json(struct client *client, uint8_t kind, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	if (text)
		client_frame(client, kind, text, strlen(text));
	free(text);
	json_decref(value);
	client_flush(client);
}

static void tell_swept(struct client *client, json_t *items)
{
	if (client && !client->dead)
		send_json(client, FRAME_EVENT,
			  json_pack("{s:s, s:O}", "event", "swept", "items", items));
}

static void log_items(json_t *items)
{
	json_t *item;
	size_t index;

	json_array_foreach (items, index, item)
		fprintf(stderr, "bpflab-agent: swept: %s\n", json_string_value(item));
}

/* Takes the relay out and ends it; what was found is told to its client when `tell`. */
static void end_relay(struct supervisor *supervisor, struct relay *relay, bool tell)
{
	struct client *client = relay->client;
	json_t *items = json_array();

	for (struct relay **at = &supervisor->relays; *at; at = &(*at)->next) {
		if (*at == relay) {
			*at = relay->next;
			break;
		}
	}
	if (supervisor->spare == relay)
		supervisor->spare = NULL;
	if (client)
		client->relay = NULL;
	relay_free(relay, items);
	if (tell) {
		log_items(items);
		tell_swept(client, items);
	}
	json_decref(items);
}

static void need_spare(struct supervisor *supervisor)
{
	if (!supervisor->spare && !supervisor->ending)
		supervisor->spare = relay_new(supervisor);
}

static void lease_due(struct timer *timer)
{
	struct relay *relay = timer->context;
	struct supervisor *supervisor = relay->supervisor;

	end_relay(supervisor, relay, true);
	need_spare(supervisor);
}

void supervisor_worker_ended(struct supervisor *supervisor, struct relay *relay)
{
	struct client *client = relay->client;
	bool expected = relay->leaving;
	bool was_spare = relay == supervisor->spare;

	if (client)
		client_flush(client);
	end_relay(supervisor, relay, !expected);
	if (supervisor->options->stdio && expected) {
		supervisor->ending = true;
		supervisor->loop.stopped = true;
		return;
	}
	/* A worker that dies before it is used would be started for ever. */
	if (!was_spare)
		need_spare(supervisor);
}

void supervisor_client_lost(struct supervisor *supervisor, struct client *client)
{
	struct relay *relay = client->relay;

	client->relay = NULL;
	if (relay) {
		relay->client = NULL;
		relay->lease = (struct timer){ .due = lease_due, .context = relay };
		timer_start(&supervisor->loop, &relay->lease, relay->lease_ms);
		relay_update(relay);
	}
	if (client->kind == CLIENT_STDIO) {
		supervisor->ending = true;
		supervisor->loop.stopped = true;
	}
}

static struct relay *find_relay(struct supervisor *supervisor, const char *name)
{
	struct relay *relay = supervisor->relays;

	while (relay && strcmp(relay->name, name))
		relay = relay->next;
	return relay;
}

static int count_relays(const struct supervisor *supervisor)
{
	int count = 0;

	for (const struct relay *relay = supervisor->relays; relay; relay = relay->next)
		count++;
	return count;
}

/* A new session takes the worker that waits; there is one for the next when several are served. */
static void begin_session(struct supervisor *supervisor, struct client *client,
			  const struct frame *hello, const char *name, uint64_t lease_s)
{
	struct relay *relay;

	need_spare(supervisor);
	relay = supervisor->spare;
	if (!relay || count_relays(supervisor) >= MAX_SESSIONS) {
		fprintf(stderr, "bpflab-agent: there is no worker for session %s\n", name);
		client->dead = client->kind == CLIENT_SOCKET;
		return;
	}
	supervisor->spare = NULL;
	snprintf(relay->name, sizeof(relay->name), "%s", name);
	relay->lease_ms = lease_s * 1000;
	relay->keeps_backlog = client->kind == CLIENT_SOCKET;
	relay->next = supervisor->relays;
	supervisor->relays = relay;
	client->relay = relay;
	relay_greet(relay, client, hello);
	if (client->kind == CLIENT_SOCKET)
		need_spare(supervisor);
}

static void serve_hello(struct supervisor *supervisor, struct client *client,
			const struct frame *frame)
{
	struct fields fields = { .object = json_loadb((const char *)frame->payload, frame->length,
						      0, NULL) };
	char name[MAX_SESSION_NAME + 1];
	uint64_t lease = (uint64_t)field_integer_or(&fields, "lease_s", 1, MAX_LEASE_S, 10);
	uint64_t after = field_u64_or(&fields, "after", 0);
	struct relay *relay;

	snprintf(name, sizeof(name), "%s", field_string(&fields, "session"));
	json_decref(fields.object);
	if (fields_bad(&fields) || !session_name_valid(name)) {
		fprintf(stderr, "bpflab-agent: a hello is wrong: %s\n", fields.problem);
		client->dead = client->kind == CLIENT_SOCKET;
		return;
	}
	/* One channel has one session: a second hello on it is a new gateway. */
	relay = client->relay ? client->relay : find_relay(supervisor, name);
	if (relay && relay->client != client && relay->client) {
		relay->client->dead = true;
		relay->client->relay = NULL;
		relay->client = NULL;
	}
	if (relay && after && !client->relay && relay_resume_client(relay, client, after)) {
		client->relay = relay;
		return;
	}
	if (relay)
		end_relay(supervisor, relay, false);
	/* Ports and stdio serve one session at a time. */
	if (client->kind != CLIENT_SOCKET)
		while (supervisor->relays)
			end_relay(supervisor, supervisor->relays, false);
	begin_session(supervisor, client, frame, name, lease);
}

/* A request that crossed the worker's death. */
static void refuse(struct client *client, const struct frame *frame)
{
	json_t *request = json_loadb((const char *)frame->payload, frame->length, 0, NULL);
	struct fault fault = { 0 };

	fault_set(&fault, E_TARGET_LOST, ESRCH, NULL,
		  "The session has no worker: its hello must come first.");
	send_json(client, FRAME_REPLY,
		  json_pack("{s:I, s:b, s:o}", "id",
			    json_integer_value(json_object_get(request, "id")), "ok", 0, "error",
			    fault_json(&fault)));
	json_decref(request);
}

void supervisor_serve(struct supervisor *supervisor, struct client *client,
		      const struct frame *frame)
{
	switch (frame->kind) {
	case FRAME_PING:
		client_frame(client, FRAME_PONG, frame->payload, frame->length);
		break;
	case FRAME_PONG:
		break;
	case FRAME_HELLO:
		serve_hello(supervisor, client, frame);
		break;
	default:
		if (client->relay)
			relay_forward(client->relay, frame);
		else if (frame->kind == FRAME_REQUEST)
			refuse(client, frame);
	}
}

static void beat(struct timer *timer)
{
	struct supervisor *supervisor = timer->context;
	uint64_t now = monotonic_ns();

	for (struct client *client = supervisor->clients; client; client = client->next) {
		client_beat(client);
		if (client->kind == CLIENT_SOCKET &&
		    now - client->heard_ns > SILENCE_MS * 1000000ull && !client->dead) {
			client->dead = true;
			supervisor_client_lost(supervisor, client);
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
		if (!client->dead) {
			at = &client->next;
			continue;
		}
		*at = client->next;
		if (client->relay)
			supervisor_client_lost(supervisor, client);
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
		log_items(items);
		facts_find(&supervisor->facts, supervisor->state.base);
		warm_up();
		need_spare(supervisor);
		err = open_channels(supervisor);
	}
	json_decref(items);
	return err;
}

static void finish(struct supervisor *supervisor)
{
	supervisor->ending = true;
	while (supervisor->relays)
		end_relay(supervisor, supervisor->relays, false);
	if (supervisor->spare)
		end_relay(supervisor, supervisor->spare, false);
	while (supervisor->clients) {
		struct client *client = supervisor->clients;

		supervisor->clients = client->next;
		client_free(client);
	}
	if (supervisor->options->socket)
		unlink(supervisor->options->socket);
	state_dir_remove(&supervisor->state);
	loop_close(&supervisor->loop);
}

int supervise(const struct supervise_options *options)
{
	struct supervisor *supervisor = calloc(1, sizeof(*supervisor));
	int err = -ENOMEM;

	if (supervisor) {
		supervisor->options = options;
		/* A supervisor of a pipe is nobody's when its parent is gone. */
		if (options->stdio)
			prctl(PR_SET_PDEATHSIG, SIGTERM);
		err = prepare(supervisor);
	}
	if (err) {
		fprintf(stderr, "bpflab-agent: cannot start: %s\n", strerror(-err));
		free(supervisor);
		return 1;
	}
	fprintf(stderr, "bpflab-agent: ready\n");
	supervisor->beat = (struct timer){ .due = beat, .context = supervisor };
	timer_start(&supervisor->loop, &supervisor->beat, HEARTBEAT_MS);
	err = loop_run(&supervisor->loop, after_round, supervisor);
	finish(supervisor);
	free(supervisor);
	return err ? 1 : 0;
}
