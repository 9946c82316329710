// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Sessions of the supervisor: hellos, frames, leases, workers that end. */
#include "sessions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "agent_note.h"
#include "client.h"
#include "errors.h"
#include "fault.h"
#include "fields.h"
#include "greeting.h"
#include "limits.h"
#include "proto.h"
#include "relay.h"

static void send_json(struct client *client, uint8_t kind, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	if (text)
		client_frame(client, kind, text, strlen(text));
	free(text);
	json_decref(value);
	client_flush(client);
}

void sessions_tell_swept(struct client *client, json_t *items)
{
	json_t *item;
	size_t index;

	json_array_foreach (items, index, item)
		agent_note("swept: %s", json_string_value(item));
	if (client && !client->dead)
		send_json(client, FRAME_EVENT,
			  json_pack("{s:s, s:O}", "event", "swept", "items", items));
}

static bool is_worker(const struct supervisor *supervisor, pid_t pid)
{
	if (supervisor->spare && supervisor->spare->worker.pid == pid)
		return true;
	for (const struct relay *relay = supervisor->relays; relay; relay = relay->next)
		if (relay->worker.pid == pid)
			return true;
	return false;
}

void sessions_reap(const struct supervisor *supervisor)
{
	siginfo_t info = { 0 };

	while (!waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid &&
	       !is_worker(supervisor, info.si_pid)) {
		waitpid(info.si_pid, NULL, WNOHANG);
		info.si_pid = 0;
	}
}

static void unlink_relay(struct supervisor *supervisor, struct relay *relay)
{
	for (struct relay **at = &supervisor->relays; *at; at = &(*at)->next) {
		if (*at == relay) {
			*at = relay->next;
			break;
		}
	}
	if (supervisor->spare == relay)
		supervisor->spare = NULL;
	if (relay->client)
		relay->client->relay = NULL;
}

static void end_relay(struct supervisor *supervisor, struct relay *relay)
{
	json_t *items = json_array();

	unlink_relay(supervisor, relay);
	relay_free(relay, false, items);
	json_decref(items);
}

void sessions_need_spare(struct supervisor *supervisor)
{
	if (!supervisor->spare && !supervisor->ending)
		supervisor->spare = relay_new(supervisor);
}

void sessions_end_all(struct supervisor *supervisor)
{
	supervisor->ending = true;
	while (supervisor->relays)
		end_relay(supervisor, supervisor->relays);
	if (supervisor->spare)
		end_relay(supervisor, supervisor->spare);
}

static void lease_due(struct timer *timer)
{
	struct relay *relay = timer->context;
	struct supervisor *supervisor = relay->supervisor;

	agent_note("the lease of session %s ended", relay->name);
	end_relay(supervisor, relay);
	sessions_need_spare(supervisor);
}

void sessions_worker_ended(struct supervisor *supervisor, struct relay *relay)
{
	struct client *client = relay->client;
	bool was_spare = relay == supervisor->spare;
	json_t *items = json_array();
	bool in_order;

	unlink_relay(supervisor, relay);
	in_order = relay_free(relay, true, items);
	sessions_reap(supervisor);
	if (!in_order)
		sessions_tell_swept(client, items);
	json_decref(items);
	if (in_order && client && client->kind == CLIENT_STDIO) {
		supervisor->ending = true;
		client->last = true;
	}
	/* A worker that dies before it is used would be started for ever. */
	if (!was_spare)
		sessions_need_spare(supervisor);
}

void sessions_client_lost(struct supervisor *supervisor, struct client *client)
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

	sessions_need_spare(supervisor);
	relay = supervisor->spare;
	if (!relay || count_relays(supervisor) >= MAX_SESSIONS) {
		agent_note("there is no worker for session %s", name);
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
		sessions_need_spare(supervisor);
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
		agent_note("a hello is wrong: %s", fields.problem);
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
		end_relay(supervisor, relay);
	/* Ports and stdio serve one session at a time. */
	if (client->kind != CLIENT_SOCKET)
		while (supervisor->relays)
			end_relay(supervisor, supervisor->relays);
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

void sessions_serve(struct supervisor *supervisor, struct client *client, const struct frame *frame)
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
