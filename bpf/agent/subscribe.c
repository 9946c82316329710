// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The verbs `subscribe` and `unsubscribe`. */
#include <errno.h>
#include <string.h>

#include "attachment.h"
#include "errors.h"
#include "limits.h"
#include "printk.h"
#include "request.h"
#include "ring.h"
#include "run.h"

static int map_fd_of(struct run *run, const char *name, struct fault *fault)
{
	struct bpf_map *map = run_map(run, name);

	if (map && bpf_map__fd(map) >= 0)
		return bpf_map__fd(map);
	return fault_set(fault, E_MAP_UNKNOWN, ENOENT, name, "Run \"%s\" has no map \"%.80s\".",
			 run->name, name ? name : "");
}

static int link_fd_of(struct run *run, int number, struct fault *fault)
{
	for (struct attachment *attachment = run->attachments; attachment;
	     attachment = attachment->next)
		if (attachment->number == number && attachment_link_fd(attachment) >= 0)
			return attachment_link_fd(attachment);
	return fault_set(fault, E_REQUEST, ENOENT, NULL, "Run \"%s\" has no link %d.", run->name,
			 number);
}

static int subscribe(struct run *run, struct fields *fields, struct fault *fault)
{
	const char *source = field_string(fields, "source");
	const char *map = field_string_or(fields, "map", NULL);
	uint32_t stream = field_stream(fields, "stream");
	int64_t pages = field_integer_or(fields, "pages", 1, MAX_PERF_PAGES, 0);
	int fd;

	if (!strcmp(source, "printk"))
		return printk_subscribe(run, stream, fault);
	if (!strcmp(source, "iter")) {
		fd = link_fd_of(run, (int)field_integer(fields, "link", 0, INT32_MAX), fault);
		return fd < 0 ? fd : iterator_subscribe(run, stream, fd, fault);
	}
	if (strcmp(source, "ring") && strcmp(source, "perf"))
		return fault_set(fault, E_REQUEST, EINVAL, source, "There is no source \"%.40s\".",
				 source);
	fd = map_fd_of(run, map, fault);
	if (fd < 0)
		return fd;
	if (!strcmp(source, "ring"))
		return ring_subscribe(run, stream, fd, fault);
	return perf_subscribe(run, stream, fd, (uint32_t)pages, fault);
}

/* Reads every field once, so that a wrong one is told before anything is opened. */
static bool fields_right(struct request *request)
{
	struct fields *fields = &request->fields;

	field_string(fields, "source");
	field_string_or(fields, "map", NULL);
	field_stream(fields, "stream");
	field_integer_or(fields, "pages", 1, MAX_PERF_PAGES, 0);
	field_integer_or(fields, "link", 0, INT32_MAX, 0);
	return !request_bad(request);
}

void verb_subscribe(struct request *request)
{
	struct run *run = run_of_request(request);
	struct fault fault = { 0 };

	if (!run || !fields_right(request))
		return;
	if (subscribe(run, &request->fields, &fault))
		reply_fault(request->session, request->id, &fault);
	else
		reply_ok(request->session, request->id, NULL);
}

void verb_unsubscribe(struct request *request)
{
	uint32_t id = field_stream(&request->fields, "stream");
	struct stream *stream;

	if (request_bad(request))
		return;
	stream = stream_find(request->session, id);
	if (stream)
		stream_abort(stream);
	reply_ok(request->session, request->id, NULL);
}
