// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "run.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attachment.h"
#include "audit.h"
#include "errors.h"
#include "process.h"
#include "request.h"

#define MAX_WATCHED_IDS 256
#define STOP_POLL_NS 500000
#define DRAIN_POLL_MS 5

struct id_list {
	uint32_t ids[MAX_WATCHED_IDS];
	int count;
};

/*
 * Takes a run apart. On the job thread: processes, attachments, object; then its streams end on the
 * loop, after what was left in the rings; then the job thread waits until the kernel has given the
 * ids of its maps back too.
 */
struct stop_job {
	struct job job;
	struct run *run;
	struct bpf_object *object;
	struct attachment *attachments;
	struct id_list programs, maps;
	struct timer drain_timer;
	uint64_t drain_until_ns;
};

struct run *run_find(struct session *session, const char *name)
{
	struct run *run = session->runs;

	while (run && strcmp(run->name, name))
		run = run->next;
	return run;
}

struct run *run_new(struct session *session, const char *name)
{
	struct run *run;
	int count = 0;

	for (run = session->runs; run; run = run->next)
		count++;
	run = count < MAX_RUNS ? calloc(1, sizeof(*run)) : NULL;
	if (!run)
		return NULL;
	run->session = session;
	run->next_link = 1;
	run->stop_id = -1;
	snprintf(run->name, sizeof(run->name), "%s", name);
	run->next = session->runs;
	session->runs = run;
	if (session->stats_fd < 0)
		session->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	return run;
}

struct run *run_of_request(struct request *request)
{
	const char *name = field_run(&request->fields);
	struct run *run;

	if (request_bad(request))
		return NULL;
	run = run_find(request->session, name);
	if (!run || run->stopping) {
		request_fail(request, E_RUN_UNKNOWN, ENOENT, name, "There is no run \"%s\".", name);
		return NULL;
	}
	if (run->loading) {
		if (!run->parked)
			run->parked = json_array();
		json_array_append(run->parked, request->fields.object);
		return NULL;
	}
	return run;
}

uint32_t program_id(const struct bpf_program *program)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	int fd = bpf_program__fd(program);

	return fd >= 0 && !bpf_prog_get_info_by_fd(fd, &info, &size) ? info.id : 0;
}

uint32_t map_id(const struct bpf_map *map)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	int fd = bpf_map__fd(map);

	return fd >= 0 && !bpf_map_get_info_by_fd(fd, &info, &size) ? info.id : 0;
}

struct bpf_map *run_map(const struct run *run, const char *name)
{
	return run->object && name ? bpf_object__find_map_by_name(run->object, name) : NULL;
}

void run_drop(struct run *run)
{
	struct session *session = run->session;

	for (struct run **at = &session->runs; *at; at = &(*at)->next) {
		if (*at == run) {
			*at = run->next;
			break;
		}
	}
	if (run->loaded_ns)
		audit(session->facts, (struct auditee){ session->name, session->user }, "end",
		      json_pack("{s:s, s:f}", "run", run->name, "seconds",
				(double)(monotonic_ns() - run->loaded_ns) / 1e9));
	json_decref(run->parked);
	free(run);
	if (!session->runs && session->stats_fd >= 0) {
		close(session->stats_fd);
		session->stats_fd = -1;
	}
}

static void note_id(struct id_list *list, uint32_t id)
{
	if (id && list->count < MAX_WATCHED_IDS)
		list->ids[list->count++] = id;
}

static void note_ids(struct stop_job *stop)
{
	struct bpf_program *program;
	struct bpf_map *map;

	if (!stop->object)
		return;
	bpf_object__for_each_program (program, stop->object)
		note_id(&stop->programs, program_id(program));
	/* A pinned map is meant to stay. */
	bpf_object__for_each_map (map, stop->object)
		if (!bpf_map__is_pinned(map))
			note_id(&stop->maps, map_id(map));
}

/* Perf events and trampolines let go of their program, and programs of their maps, only after a
 * grace period. */
static void wait_until_gone(const struct id_list *list, int (*open_id)(__u32 id))
{
	uint64_t deadline = monotonic_ns() + STOP_WAIT_MS * 1000000ull;
	struct timespec pause = { .tv_nsec = STOP_POLL_NS };

	for (int i = 0; i < list->count;) {
		int fd = open_id(list->ids[i]);

		if (fd < 0) {
			i++;
			continue;
		}
		close(fd);
		if (monotonic_ns() > deadline)
			return;
		nanosleep(&pause, NULL);
	}
}

static void stop_work(struct job *job)
{
	struct stop_job *stop = (struct stop_job *)job;

	workspace_end_run_cgroup(&job->session->workspace, stop->run->name);
	note_ids(stop);
	while (stop->attachments) {
		struct attachment *next = stop->attachments->next;

		attachment_destroy(stop->attachments, job->session->journal);
		stop->attachments = next;
	}
	bpf_object__close(stop->object);
	wait_until_gone(&stop->programs, bpf_prog_get_fd_by_id);
}

/* Maps that another run uses (`reuse_id`) stay. */
static void keep_shared(struct session *session, struct id_list *maps)
{
	for (struct run *run = session->runs; run; run = run->next) {
		struct bpf_map *map;

		if (!run->object)
			continue;
		bpf_object__for_each_map (map, run->object)
			for (int i = 0; i < maps->count; i++)
				if (maps->ids[i] == map_id(map))
					maps->ids[i] = maps->ids[--maps->count];
	}
}

static void wait_maps_work(struct job *job)
{
	wait_until_gone(&((struct stop_job *)job)->maps, bpf_map_get_fd_by_id);
}

static void stopped(struct job *job)
{
	struct stop_job *stop = (struct stop_job *)job;
	struct session *session = job->session;

	if (stop->run->stop_id >= 0)
		reply_ok(session, stop->run->stop_id, NULL);
	run_drop(stop->run);
	free(stop);
	session_check_bye(session);
}

static void finish_streams(struct stop_job *stop)
{
	struct session *session = stop->job.session;

	processes_end_run(session, stop->run);
	stream_abort_run(session, stop->run);
	keep_shared(session, &stop->maps);
	stop->job.work = wait_maps_work;
	stop->job.done = stopped;
	job_submit(&session->jobs, &stop->job);
}

/* Nothing comes to the rings any more; a slow client gets a moment to take what is there. */
static void drain_streams(struct timer *timer)
{
	struct stop_job *stop = timer->context;
	struct session *session = stop->job.session;

	if (stream_run_pending(session, stop->run) && monotonic_ns() < stop->drain_until_ns)
		timer_start(&session->loop, timer, DRAIN_POLL_MS);
	else
		finish_streams(stop);
}

static void stop_done(struct job *job)
{
	struct stop_job *stop = (struct stop_job *)job;

	stop->drain_until_ns = monotonic_ns() + DRAIN_WAIT_MS * 1000000ull;
	stop->drain_timer = (struct timer){ .due = drain_streams, .context = stop };
	drain_streams(&stop->drain_timer);
}

static void begin_stop(struct run *run)
{
	struct stop_job *stop = calloc(1, sizeof(*stop));

	if (!stop) {
		run->session->loop.stopped = true;
		return;
	}
	run->busy++;
	stop->job = (struct job){ .session = run->session, .work = stop_work, .done = stop_done };
	stop->run = run;
	run->stop = stop;
	stop->object = run->object;
	stop->attachments = run->attachments;
	run->object = NULL;
	run->attachments = NULL;
	processes_kill_run(run->session, run);
	job_submit(&run->session->jobs, &stop->job);
}

void run_hold(struct run *run)
{
	run->busy++;
}

void run_release(struct run *run)
{
	run->busy--;
	if (run->stopping && !run->busy)
		begin_stop(run);
}

void run_loaded(struct run *run)
{
	json_t *parked = run->parked, *object;
	struct session *session = run->session;
	size_t index;

	run->loading = false;
	run->parked = NULL;
	json_array_foreach (parked, index, object)
		request_serve_object(session, object);
	json_decref(parked);
}

static void stop(struct run *run, long long id)
{
	run->stopping = true;
	run->stop_id = id;
	if (!run->busy)
		begin_stop(run);
}

void verb_stop(struct request *request)
{
	struct run *run = run_of_request(request);

	if (run)
		stop(run, request->id);
}

void runs_stop_all(struct session *session)
{
	struct run *next;

	for (struct run *run = session->runs; run; run = next) {
		next = run->next;
		if (!run->stopping)
			stop(run, -1);
	}
}

void runs_free(struct session *session)
{
	while (session->runs) {
		struct run *run = session->runs;

		while (run->attachments) {
			struct attachment *next = run->attachments->next;

			attachment_destroy(run->attachments, session->journal);
			run->attachments = next;
		}
		bpf_object__close(run->object);
		/* The session ended while a stop waited for its client. */
		free(run->stop);
		run_drop(run);
	}
}
