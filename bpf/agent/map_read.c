// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The verb `map_read`: entries as records, no faster than the client takes them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "bytes.h"
#include "errors.h"
#include "libbpf_log.h"
#include "limits.h"
#include "map_walk.h"
#include "proto.h"
#include "request.h"
#include "ring.h"

/* Steps per call, so that a large map does not hold the rings up. */
#define STEPS_PER_TURN 4

struct map_read {
	struct map_walk walk;
	struct batch batch;
	/* Entry of the running step that is sent next. */
	uint32_t at;
	uint64_t entries, limit;
	long long request_id;
	uint32_t stream;
};

static void free_read(struct map_read *read)
{
	map_walk_end(&read->walk);
	free(read);
}

static json_t *result(const struct map_read *read)
{
	bool complete = read->walk.finished;
	uint8_t cursor[read->walk.token_bytes + 1];
	char hex[2 * sizeof(cursor) + 1];
	size_t length = complete ? 0 : map_walk_cursor(&read->walk, cursor);

	hex_encode(cursor, length, hex);
	return json_pack("{s:I, s:s, s:b}", "entries", (json_int_t)read->entries, "cursor", hex,
			 "complete", complete);
}

static void finish(struct map_read *read, int err)
{
	struct stream *stream = read->batch.stream;
	struct session *session = stream->session;
	struct fault fault = { 0 };

	batch_flush(&read->batch);
	stream_finish(stream);
	if (err) {
		fault_set(&fault, E_MAP_OPERATION, err, read->walk.map.info.name,
			  "Cannot read map \"%s\": %s (%s).", read->walk.map.info.name,
			  strerror(-err), errno_name(-err));
		reply_fault(session, read->request_id, &fault);
	} else {
		reply_ok(session, read->request_id, result(read));
	}
	free_read(read);
}

/* Sends what the last step fetched; false when credit is out. */
static bool send_entries(struct map_read *read)
{
	const struct map_walk *walk = &read->walk;
	size_t key = walk->map.key_bytes, value = walk->map.value_bytes;

	for (; read->at < walk->count; read->at++) {
		uint8_t *room = batch_record(&read->batch, CPU_UNKNOWN, key + value);

		if (!room)
			return false;
		memcpy(room, walk->keys + read->at * key, key);
		memcpy(room + key, walk->values + read->at * value, value);
		read->entries++;
	}
	return true;
}

static void more(struct stream *stream)
{
	struct map_read *read = stream->context;
	int err = 0;

	for (int i = 0; i < STEPS_PER_TURN; i++) {
		uint64_t left;

		if (!stream_room(stream) || !send_entries(read)) {
			batch_flush(&read->batch);
			return;
		}
		left = read->limit - read->entries;
		if (read->walk.finished || read->entries >= read->limit) {
			finish(read, 0);
			return;
		}
		read->at = 0;
		err = map_walk_step(&read->walk, left < UINT32_MAX ? (uint32_t)left : UINT32_MAX);
		if (err) {
			finish(read, err);
			return;
		}
	}
	batch_flush(&read->batch);
	stream->waiting = true;
}

static void close_read(struct stream *stream)
{
	struct map_read *read = stream->context;
	struct fault fault = { 0 };

	batch_flush(&read->batch);
	fault_set(&fault, E_REQUEST, ECANCELED, NULL, "The reading was ended.");
	reply_fault(stream->session, read->request_id, &fault);
	free_read(read);
}

static const struct stream_user user = { .more = more, .close = close_read };

static int open_walk(struct request *request, struct map_read *read, struct fault *fault)
{
	uint32_t id = (uint32_t)field_integer(&request->fields, "map_id", 1, UINT32_MAX);
	struct bytes cursor = field_bytes(&request->fields, "cursor", MAX_PATH_BYTES);
	struct map_ref map;
	const char *why;
	int err;

	err = map_open(&map, id, request->session->facts->cpus_possible, fault);
	if (err)
		goto cleanup;
	why = map_no_walk(map.info.type);
	if (why)
		err = fault_set(fault, E_MAP_OPERATION, EOPNOTSUPP, map.info.name,
				"Cannot read map \"%s\": %s.", map.info.name, why);
	else if (RECORD_HEADER_BYTES + DATA_HEADER_BYTES + map.key_bytes + map.value_bytes >
		 INITIAL_CREDIT_BYTES)
		err = fault_set(fault, E_LIMIT, EFBIG, map.info.name,
				"An entry of map \"%s\" has %zu bytes, more than fit into a frame.",
				map.info.name, map.key_bytes + map.value_bytes);
	if (err) {
		close(map.fd);
		goto cleanup;
	}
	err = map_walk_begin(&read->walk, &map, cursor.data, cursor.length);
	if (err)
		fault_set(fault, E_REQUEST, err, NULL, "The cursor is not one of this map.");
cleanup:
	free(cursor.data);
	return err;
}

/* Entries go out from here on; takes `read`. */
static void start_read(struct session *session, struct map_read *read)
{
	struct fault fault = { 0 };

	read->batch.stream = stream_open(session, read->stream, &user, read, NULL);
	if (!read->batch.stream) {
		stream_in_use(&fault, read->stream);
		reply_fault(session, read->request_id, &fault);
		free_read(read);
		return;
	}
	read->batch.stream->waiting = true;
}

/* A storage is collected on the job thread: that walks /proc or loads a program. */
struct collect_job {
	struct job job;
	struct map_read *read;
	struct libbpf_log libbpf;
	int err;
};

static void collect_work(struct job *job)
{
	struct collect_job *collect = (struct collect_job *)job;
	struct map_walk *walk = &collect->read->walk;

	libbpf_log_begin(&collect->libbpf);
	collect->err = storage_collect(&walk->map, job->session->facts, &walk->entries);
	libbpf_log_end();
}

static void collect_done(struct job *job)
{
	struct collect_job *collect = (struct collect_job *)job;
	struct map_read *read = collect->read;
	struct session *session = job->session;
	struct fault fault = { 0 };
	char line[256];

	if (collect->err) {
		libbpf_log_last_line(&collect->libbpf, line, sizeof(line));
		fault_set(&fault, E_MAP_OPERATION, collect->err, read->walk.map.info.name,
			  "Cannot read map \"%s\": %s (%s).%s%s", read->walk.map.info.name,
			  strerror(-collect->err), errno_name(-collect->err),
			  line[0] ? " libbpf: " : "", line);
		reply_fault(session, read->request_id, &fault);
		free_read(read);
	} else {
		start_read(session, read);
	}
	libbpf_log_free(&collect->libbpf);
	free(collect);
	session_check_bye(session);
}

static void collect_first(struct session *session, struct map_read *read)
{
	struct collect_job *collect = calloc(1, sizeof(*collect));

	if (!collect) {
		session->loop.stopped = true;
		free_read(read);
		return;
	}
	collect->job =
		(struct job){ .session = session, .work = collect_work, .done = collect_done };
	collect->read = read;
	job_submit(&session->jobs, &collect->job);
}

void verb_map_read(struct request *request)
{
	uint32_t stream = field_stream(&request->fields, "stream");
	int64_t limit = field_integer_or(&request->fields, "limit", 1, INT64_MAX, INT64_MAX);
	struct map_read *read = calloc(1, sizeof(*read));
	struct fault fault = { 0 };

	field_integer(&request->fields, "map_id", 1, UINT32_MAX);
	field_string_or(&request->fields, "cursor", NULL);
	if (!read || request_bad(request)) {
		free(read);
		return;
	}
	if (open_walk(request, read, &fault)) {
		reply_fault(request->session, request->id, &fault);
		free(read);
		return;
	}
	read->limit = (uint64_t)limit;
	read->request_id = request->id;
	read->stream = stream;
	if (read->walk.way == WALK_STORAGE)
		collect_first(request->session, read);
	else
		start_read(request->session, read);
}
