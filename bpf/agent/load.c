// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The verb `load`: what libbpf does of it runs as a job, since a verifier may take seconds. */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"
#include "errors.h"
#include "request.h"
#include "text_stream.h"

uint64_t boottime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Says why: the verifier, a map, or what libbpf wrote last. */
static void explain(struct load_job *load, int err)
{
	const char *program = load->libbpf.failed_program;
	char line[256];

	if (program[0] && load->log_length) {
		fault_set(&load->fault, E_VERIFIER_REJECTED, err, program,
			  "The verifier rejected \"%s\" (%s).", program, errno_name(-err));
		return;
	}
	if (program[0]) {
		fault_set(
			&load->fault, E_LOAD_FAILED, err, program,
			"The kernel does not load \"%s\": %s (%s), without a word of the verifier.",
			program, strerror(-err), errno_name(-err));
		return;
	}
	if (load->libbpf.failed_map[0]) {
		fault_set(&load->fault, E_LOAD_MAP, err, load->libbpf.failed_map,
			  "Cannot create map \"%s\": %s (%s).", load->libbpf.failed_map,
			  strerror(-err), errno_name(-err));
		return;
	}
	libbpf_log_last_line(&load->libbpf, line, sizeof(line));
	fault_set(&load->fault, E_LOAD_FAILED, err, NULL, "Cannot load the object: %s (%s).",
		  line[0] ? line : strerror(-err), errno_name(-err));
}

/* One try; -ENOSPC of the verifier's log asks for another with more room. */
static int try_load(struct load_job *load)
{
	uint64_t start = boottime_ns(), prepared;
	int err;

	err = load_configure(load);
	if (err)
		return err;
	err = load_logs_prepare(load);
	if (err)
		return fault_set(&load->fault, E_LOAD_FAILED, err, NULL,
				 "There is no memory for the log.");
	err = bpf_object__prepare(load->object);
	prepared = boottime_ns();
	if (!err)
		err = bpf_object__load(load->object);
	if (err == -ENOSPC && load->libbpf.failed_program[0] &&
	    load->log_size < VERIFIER_LOG_MAX_BYTES)
		return -ENOSPC;
	load_logs_collect(load, err != 0);
	if (err) {
		explain(load, err);
		return err;
	}
	load->result = load_report(load, prepared, (boottime_ns() - start) / 1000);
	return 0;
}

static void close_object(struct load_job *load)
{
	bpf_object__close(load->object);
	load->object = NULL;
	load_logs_free(load);
}

static void work(struct job *job)
{
	struct load_job *load = (struct load_job *)job;
	int err;

	load->log_size = VERIFIER_LOG_BYTES;
	for (;;) {
		libbpf_log_begin(&load->libbpf);
		err = try_load(load);
		libbpf_log_end();
		if (err != -ENOSPC || load->fault.code)
			break;
		close_object(load);
		libbpf_log_free(&load->libbpf);
		load->log_size *= 4;
	}
	if (err)
		close_object(load);
	else
		load_logs_free(load);
	load->fault.libbpf_log = load->libbpf.text;
	load->libbpf.text = NULL;
}

static void free_load(struct load_job *load)
{
	json_decref(load->request);
	blob_release(load->object_blob);
	blob_release(load->core_btf);
	if (load->core_btf_fd >= 0)
		close(load->core_btf_fd);
	while (load->target_count > 0)
		close(load->target_fds[--load->target_count]);
	free(load->target_fds);
	fault_free(&load->fault);
	free(load);
}

static void drop_failed(struct run *run)
{
	struct session *session = run->session;
	json_t *parked = run->parked, *object;
	size_t index;

	run->parked = NULL;
	run_drop(run);
	json_array_foreach (parked, index, object)
		request_serve_object(session, object);
	json_decref(parked);
}

/* What was loaded, or that the policy refused it. */
static void audit_load(const struct load_job *load)
{
	const struct session *session = load->job.session;
	struct auditee who = { session->name, session->user };
	json_t *programs = json_array(), *program;
	const char *run = load->run->name;
	size_t index;

	json_array_foreach (json_object_get(load->result, "programs"), index, program)
		json_array_append_new(
			programs, json_pack("{s:O, s:O, s:O}", "name",
					    json_object_get(program, "name"), "type",
					    json_object_get(program, "type"), "section",
					    json_object_get(program, "section")));
	if (load->result)
		audit(session->facts, who, "load",
		      json_pack("{s:s, s:O}", "run", run, "programs", programs));
	else if (load->fault.code && !strcmp(load->fault.code, E_POLICY_REFUSED))
		audit(session->facts, who, "refused",
		      json_pack("{s:s, s:o}", "run", run, "message",
				text_json(load->fault.message, strlen(load->fault.message))));
	json_decref(programs);
}

static void done(struct job *job)
{
	struct load_job *load = (struct load_job *)job;
	struct session *session = job->session;
	struct run *run = load->run;
	bool loaded = load->result != NULL;

	run->object = load->object;
	if (loaded)
		run->loaded_ns = monotonic_ns();
	audit_load(load);
	if (text_stream_memory(session, load->log_stream, NULL, load->log, load->log_length, -1))
		session_log(session, "warn", run->name, "Stream %u is in use; the log is lost.",
			    load->log_stream);
	if (loaded)
		reply_ok(session, load->request_id, load->result);
	else
		reply_fault(session, load->request_id, &load->fault);
	if (loaded && load->fault.libbpf_log && load->fault.libbpf_log[0])
		session_log(session, "info", run->name, "%.1900s", load->fault.libbpf_log);
	free_load(load);
	/* `bye` may have come while the job ran; its stop waits for this. */
	if (run->stopping) {
		run_release(run);
		return;
	}
	run->busy--;
	if (loaded || run->had_processes)
		run_loaded(run);
	else
		drop_failed(run);
}

static struct blob *held(struct request *request, const char *name)
{
	const char *sha256 = field_string(&request->fields, name);
	struct blob *blob =
		fields_bad(&request->fields) ? NULL : blob_find(&request->session->blobs, sha256);

	if (!blob)
		fields_problem(&request->fields, name, "names content that was not put");
	return blob ? blob_hold(blob) : NULL;
}

static struct load_job *new_load(struct request *request)
{
	struct load_job *load = calloc(1, sizeof(*load));

	if (!load) {
		fields_problem(&request->fields, "sha256", "does not fit into memory");
		return NULL;
	}
	load->job = (struct job){ .session = request->session, .work = work, .done = done };
	load->request_id = request->id;
	load->request = json_incref(request->fields.object);
	load->log_stream = field_stream(&request->fields, "log_stream");
	load->core_btf_fd = -1;
	load->object_blob = held(request, "sha256");
	if (field_has(&request->fields, "core_btf"))
		load->core_btf = held(request, "core_btf");
	return load;
}

void verb_load(struct request *request)
{
	struct session *session = request->session;
	const char *name = field_run(&request->fields);
	struct load_job *load = new_load(request);
	struct run *run;

	if (request_bad(request))
		goto refused;
	run = run_find(session, name);
	if (run && (run->object || run->loading || run->stopping)) {
		request_fail(request, E_REQUEST, EEXIST, name, "Run \"%s\" has an object already.",
			     name);
		goto refused;
	}
	if (run)
		run->had_processes = true;
	else
		run = run_new(session, name);
	if (!run) {
		request_fail(request, E_LIMIT, EMFILE, name, "The session has %d runs already.",
			     MAX_RUNS);
		goto refused;
	}
	run->loading = true;
	run->busy++;
	load->run = run;
	job_submit(&session->jobs, &load->job);
	return;
refused:
	if (load)
		free_load(load);
}
