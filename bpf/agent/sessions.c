// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Sessions of the supervisor: hellos, frames, leases, workers that end. */
#include "sessions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "agent_note.h"
#include "audit.h"
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

void sessions_end_idle(struct supervisor *supervisor)
{
	struct relay *relay = supervisor->relays, *next;

	for (; relay; relay = next) {
		struct client *client = relay->client;
		uint64_t idle_ms = (monotonic_ns() - relay->asked_ns) / 1000000u;

		next = relay->next;
		if (!relay->grant.idle_ms || idle_ms < relay->grant.idle_ms)
			continue;
		agent_note("session %s was idle for %llu s", relay->name,
			   (unsigned long long)idle_ms / 1000);
		if (client) {
			json_t *items = json_pack(
				"[o]", json_sprintf("the session was idle for %llu s, which "
						    "the policy of this node ends",
						    (unsigned long long)idle_ms / 1000));

			send_json(client, FRAME_EVENT,
				  json_pack("{s:s, s:o}", "event", "swept", "items", items));
		}
		end_relay(supervisor, relay);
		sessions_need_spare(supervisor);
	}
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

/* Sessions, of one user when that is not NULL. */
static int count_relays(const struct supervisor *supervisor, const char *user)
{
	int count = 0;

	for (const struct relay *relay = supervisor->relays; relay; relay = relay->next)
		if (!user || !strcmp(relay->user, user))
			count++;
	return count;
}

/* What a hello asks for; `object` is what it says. */
struct beginning {
	const struct frame *hello;
	json_t *object;
	char name[MAX_SESSION_NAME + 1], user[MAX_USER_NAME + 1];
	uint64_t lease_s;
};

/* Says in a hello why there is no session; a socket's client then goes. */
static void refuse_session(struct client *client, const struct fault *fault)
{
	agent_note("%s", fault->message);
	send_json(client, FRAME_HELLO,
		  json_pack("{s:i, s:s, s:o}", "protocol", AGENT_PROTOCOL_VERSION, "agent_version",
			    AGENT_VERSION, "refused", fault_json(fault)));
	client->dead = client->kind == CLIENT_SOCKET;
}

/* What the policy gives to who says hello, with the sessions that are there; -errno and a fault. */
static int ask_policy(const struct supervisor *supervisor, const struct beginning *begin,
		      struct grant *grant, struct fault *fault)
{
	const char *node = supervisor->facts.node, *user = begin->user;
	int err = policy_decide(supervisor->options->policy, node, user, grant, fault);

	if (!err && grant->sessions && count_relays(supervisor, NULL) >= grant->sessions)
		err = fault_set(fault, E_POLICY_LIMIT, EAGAIN, NULL,
				"Node \"%s\" has %d sessions already, and its policy allows no more.",
				node, grant->sessions);
	if (!err && grant->sessions_per_user &&
	    count_relays(supervisor, user) >= grant->sessions_per_user)
		err = fault_set(fault, E_POLICY_LIMIT, EAGAIN, user,
				"User \"%s\" has %d sessions on node \"%s\" already, and its policy "
				"allows no more.",
				user, grant->sessions_per_user, node);
	if (err)
		audit(&supervisor->facts, (struct auditee){ begin->name, user }, "refused",
		      json_pack("{s:o}", "message",
				text_json(fault->message, strlen(fault->message))));
	return err;
}

/*
 * The worker gets the hello with the terms of the policy, and never with those of a client.
 * A guest's port has one client and no policy: its hello goes on as it came, because every
 * step is dear in a machine that was just restored.
 */
static void greet(struct relay *relay, struct client *client, const struct beginning *begin)
{
	struct frame changed = *begin->hello;
	char *text;

	if (client->kind != CLIENT_SOCKET) {
		relay_greet(relay, client, begin->hello);
		return;
	}
	json_object_del(begin->object, "policy");
	if (relay->grant.terms)
		json_object_set(begin->object, "policy", relay->grant.terms);
	text = json_dumps(begin->object, JSON_COMPACT);
	changed.payload = (const uint8_t *)text;
	changed.length = text ? (uint32_t)strlen(text) : 0;
	relay_greet(relay, client, &changed);
	free(text);
}

/* A new session takes the worker that waits; there is one for the next when several are served. */
static void begin_session(struct supervisor *supervisor, struct client *client,
			  const struct beginning *begin)
{
	struct fault fault = { 0 };
	struct grant grant = { 0 };
	struct relay *relay;

	if (client->kind == CLIENT_SOCKET && ask_policy(supervisor, begin, &grant, &fault)) {
		refuse_session(client, &fault);
		grant_free(&grant);
		return;
	}

	sessions_need_spare(supervisor);
	relay = supervisor->spare;
	if (!relay || count_relays(supervisor, NULL) >= MAX_SESSIONS) {
		agent_note("there is no worker for session %s", begin->name);
		client->dead = client->kind == CLIENT_SOCKET;
		grant_free(&grant);
		return;
	}
	supervisor->spare = NULL;
	snprintf(relay->name, sizeof(relay->name), "%s", begin->name);
	snprintf(relay->user, sizeof(relay->user), "%s", begin->user);
	relay->grant = grant;
	relay->began_ns = relay->asked_ns = relay->budget_ns = monotonic_ns();
	audit(&supervisor->facts, (struct auditee){ relay->name, relay->user }, "session", NULL);
	relay->lease_ms = begin->lease_s * 1000;
	relay->keeps_backlog = client->kind == CLIENT_SOCKET;
	relay->next = supervisor->relays;
	supervisor->relays = relay;
	client->relay = relay;
	greet(relay, client, begin);
	if (client->kind == CLIENT_SOCKET)
		sessions_need_spare(supervisor);
}

/* One channel has one session: a second hello on it is a new gateway. */
static void take_up_session(struct supervisor *supervisor, struct client *client,
			    const struct beginning *begin, uint64_t after)
{
	struct relay *relay = client->relay ? client->relay : find_relay(supervisor, begin->name);

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
	begin_session(supervisor, client, begin);
}

static void serve_hello(struct supervisor *supervisor, struct client *client,
			const struct frame *frame)
{
	struct fields fields = { .object = json_loadb((const char *)frame->payload, frame->length,
						      0, NULL) };
	struct beginning begin = { .hello = frame, .object = fields.object };
	uint64_t after = field_u64_or(&fields, "after", 0);

	begin.lease_s = (uint64_t)field_integer_or(&fields, "lease_s", 1, MAX_LEASE_S, 10);
	snprintf(begin.name, sizeof(begin.name), "%s", field_string(&fields, "session"));
	snprintf(begin.user, sizeof(begin.user), "%s", field_string_or(&fields, "user", ""));
	if (fields_bad(&fields) || !session_name_valid(begin.name)) {
		agent_note("a hello is wrong: %s", fields.problem);
		client->dead = client->kind == CLIENT_SOCKET;
	} else {
		take_up_session(supervisor, client, &begin, after);
	}
	json_decref(fields.object);
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
