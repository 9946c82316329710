// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "greeting.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "agent_note.h"
#include "capability.h"
#include "cgroup_limits.h"
#include "errors.h"
#include "fields.h"
#include "network.h"
#include "proto.h"
#include "warm_job.h"

#define MAX_ENTROPY_BYTES 64

bool session_name_valid(const char *name)
{
	size_t length =
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return length >= 1 && length <= MAX_SESSION_NAME && !name[length];
}

/* A guest that was restored lives in the past until it is told the time. */
static void set_clock(struct session *session, uint64_t ns)
{
	struct timespec now = { .tv_sec = (time_t)(ns / 1000000000u),
				.tv_nsec = (long)(ns % 1000000000u) };

	if (clock_settime(CLOCK_REALTIME, &now))
		session_log(session, "warn", NULL, "Cannot set the clock of the target: %s.",
			    strerror(errno));
}

/* Clones of one template would draw the same numbers: no vmgenid tells them apart. */
static void add_entropy(const struct bytes *bytes)
{
	struct {
		int bits, size;
		uint8_t data[MAX_ENTROPY_BYTES];
	} pool = { .bits = (int)bytes->length * 8, .size = (int)bytes->length };
	int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	memcpy(pool.data, bytes->data, bytes->length);
	if (!ioctl(fd, RNDADDENTROPY, &pool))
		ioctl(fd, RNDRESEEDCRNG);
	close(fd);
}

static json_t *decimal(uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return json_string(text);
}

static json_t *hello_json(const struct session *session, uint64_t realtime)
{
	const struct facts *facts = session->facts;
	json_t *hello =
		json_pack("{s:i, s:s, s:s, s:i, s:s, s:s, s:i, s:i, s:i, s:o, s:s}", "protocol",
			  AGENT_PROTOCOL_VERSION, "agent_version", AGENT_VERSION, "session",
			  session->name, "worker_pid", (int)getpid(), "kernel_release",
			  facts->kernel_release, "arch", facts->arch, "page_size", facts->page_size,
			  "cpus_online", facts->cpus_online, "cpus_possible", facts->cpus_possible,
			  "capabilities", capabilities_json(), "btf_id", facts->btf_id);

	json_object_set_new(hello, "realtime_ns", decimal(realtime ? realtime : realtime_ns()));
	json_object_set_new(hello, "monotonic_ns", decimal(monotonic_ns()));
	json_object_set_new(hello, "boot_id", json_string(facts->boot_id));
	json_object_set_new(hello, "cgroup_path", json_string(session->workspace.cgroup));
	json_object_set_new(hello, "trace_instance", json_string(session->workspace.instance));
	json_object_set_new(hello, "libbpf_version", json_string(libbpf_version_string()));
	json_object_set_new(hello, "network", json_string(session->own_network ? "own" : "target"));
	if (session->terms)
		json_object_set(hello, "policy", session->terms);
	return hello;
}

/* Takes the terms that the supervisor has put into the hello, and holds to them. */
static void take_terms(struct session *session, json_t *terms)
{
	const struct facts *facts = session->facts;
	json_t *missed;

	if (!terms)
		return;
	session->terms = json_incref(terms);
	missed = cgroup_limits_set(&session->workspace, facts->cgroup_mount, terms);
	json_object_set_new(session->terms, "not_held", missed);
}

/* What a restored guest does when its hello is on the way: no request can come before. */
static struct {
	struct timer timer;
	uint64_t realtime, said_ns;
	struct bytes entropy;
	bool sent;
} after_hello;

static void said_hello(struct timer *timer)
{
	struct session *session = timer->context;

	/* What is written in a round is sent at its end, behind the timers. */
	if (!after_hello.sent) {
		after_hello.sent = true;
		timer_start(&session->loop, timer, 0);
		return;
	}
	if (after_hello.realtime)
		set_clock(session, after_hello.realtime + monotonic_ns() - after_hello.said_ns);
	if (after_hello.entropy.length)
		add_entropy(&after_hello.entropy);
	free(after_hello.entropy.data);
	after_hello.entropy = (struct bytes){ 0 };
	if (session->facts->is_guest)
		warm_start(session);
}

int greeting_answer(struct session *session, const uint8_t *payload, size_t length)
{
	struct fields fields = { .object = json_loadb((const char *)payload, length, 0, NULL) };
	const char *name = field_string(&fields, "session");
	int64_t version = field_integer(&fields, "protocol", 0, 1000000);
	uint64_t said_realtime = field_u64_or(&fields, "realtime_ns", 0);
	/* The clock of a machine that others use too is not a client's to set. */
	uint64_t realtime = session->facts->is_guest ? said_realtime : 0;
	struct bytes entropy = field_bytes(&fields, "entropy", MAX_ENTROPY_BYTES);
	const char *network = field_string_or(&fields, "network", "target");
	int err = 0;

	if (strcmp(network, "target") && strcmp(network, "own"))
		fields_problem(&fields, "network", "must be target or own");
	if (!session_name_valid(name))
		fields_problem(&fields, "session", "must be 1 to 64 letters, digits, _ and -");
	if (fields_bad(&fields) && version == AGENT_PROTOCOL_VERSION) {
		agent_note("the hello's field %s", fields.problem);
		err = -EPROTO;
		goto cleanup;
	}
	snprintf(session->name, sizeof(session->name), "%s", fields_bad(&fields) ? "" : name);
	snprintf(session->user, sizeof(session->user), "%s",
		 field_string_or(&fields, "user", ""));
	take_terms(session, field_object(&fields, "policy"));
	if (version == AGENT_PROTOCOL_VERSION && !strcmp(network, "own"))
		err = network_make_own(session);
	session_json(session, FRAME_HELLO, hello_json(session, realtime));
	if (err)
		session_log(session, "warn", NULL, "The session has no network of its own: %s.",
			    strerror(-err));
	err = 0;
	if (version != AGENT_PROTOCOL_VERSION) {
		/* The client sees our version in the answer; requests of another one are not
		 * served. */
		goto cleanup;
	}
	session->greeted = true;
	free(after_hello.entropy.data);
	after_hello.realtime = realtime;
	after_hello.said_ns = monotonic_ns();
	after_hello.entropy = entropy;
	entropy = (struct bytes){ 0 };
	after_hello.sent = false;
	after_hello.timer.due = said_hello;
	after_hello.timer.context = session;
	timer_start(&session->loop, &after_hello.timer, 0);
cleanup:
	free(entropy.data);
	json_decref(fields.object);
	return err;
}
