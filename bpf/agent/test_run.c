// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The verb `test_run`: BPF_PROG_TEST_RUN as a job, since `repeat` may take long. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "errors.h"
#include "limits.h"
#include "request.h"
#include "run.h"

/* A program may make a packet longer; the kernel's own bound for XDP is a page. */
#define GROWTH_BYTES 4096

struct test_job {
	struct job job;
	struct run *run;
	long long request_id;
	char program[128];
	int prog_fd;
	struct bytes data, context;
	uint8_t *data_out, *context_out;
	uint32_t data_out_bytes, context_out_bytes;
	int repeat;
	uint32_t flags;
	int err;
	uint32_t retval, duration_ns;
};

static void work(struct job *job)
{
	struct test_job *test = (struct test_job *)job;
	LIBBPF_OPTS(bpf_test_run_opts, options, .flags = test->flags);

	if (test->data.data) {
		options.data_in = test->data.data;
		options.data_size_in = (__u32)test->data.length;
		options.data_out = test->data_out;
		options.data_size_out = test->data_out_bytes;
	}
	if (test->context.data) {
		options.ctx_in = test->context.data;
		options.ctx_size_in = (__u32)test->context.length;
		options.ctx_out = test->context_out;
		options.ctx_size_out = test->context_out_bytes;
	}
	/* Once is what 0 means too, and the only thing that types without repetition accept. */
	options.repeat = test->repeat > 1 ? test->repeat : 0;
	test->err = bpf_prog_test_run_opts(test->prog_fd, &options);
	/* Tracing and syscall programs take no room for results: they are told none. */
	if (test->err == -EINVAL && test->context_out) {
		options.ctx_out = NULL;
		options.ctx_size_out = 0;
		test->err = bpf_prog_test_run_opts(test->prog_fd, &options);
		/* A syscall program's context comes back where it came from. */
		memcpy(test->context_out, test->context.data, test->context.length);
		options.ctx_size_out = (__u32)test->context.length;
	}
	test->retval = options.retval;
	test->duration_ns = options.duration;
	test->data_out_bytes = options.data_size_out;
	test->context_out_bytes = options.ctx_size_out;
}

static json_t *hex_json(const uint8_t *bytes, size_t length)
{
	char *hex = malloc(2 * length + 1);
	json_t *text;

	if (!hex)
		return json_string("");
	hex_encode(bytes, bytes ? length : 0, hex);
	text = json_string(hex);
	free(hex);
	return text;
}

static void free_test(struct test_job *test)
{
	free(test->data.data);
	free(test->context.data);
	free(test->data_out);
	free(test->context_out);
	free(test);
}

static void done(struct job *job)
{
	struct test_job *test = (struct test_job *)job;
	struct run *run = test->run;
	struct fault fault = { 0 };
	char duration[24];

	if (test->err) {
		fault_set(&fault, E_REQUEST, test->err, test->program,
			  "The kernel does not test-run \"%s\": %s (%s).", test->program,
			  strerror(-test->err), errno_name(-test->err));
		reply_fault(job->session, test->request_id, &fault);
	} else {
		snprintf(duration, sizeof(duration), "%u", test->duration_ns);
		reply_ok(job->session, test->request_id,
			 json_pack("{s:I, s:s, s:o, s:o}", "retval", (json_int_t)test->retval,
				   "duration_ns", duration, "data",
				   hex_json(test->data_out, test->data_out_bytes), "context",
				   hex_json(test->context_out, test->context_out_bytes)));
	}
	free_test(test);
	run_release(run);
}

static void make_room(struct test_job *test)
{
	if (test->data.data) {
		test->data_out_bytes = (uint32_t)test->data.length + GROWTH_BYTES;
		test->data_out = calloc(1, test->data_out_bytes);
	}
	if (test->context.data) {
		test->context_out_bytes = (uint32_t)test->context.length;
		test->context_out = calloc(1, test->context_out_bytes + 1);
	}
}

void verb_test_run(struct request *request)
{
	struct run *run = run_of_request(request);
	struct bpf_program *program;
	struct test_job *test;
	const char *name;

	if (!run)
		return;
	name = field_string(&request->fields, "program");
	program = run->object ? bpf_object__find_program_by_name(run->object, name) : NULL;
	test = calloc(1, sizeof(*test));
	if (!test || !program || bpf_program__fd(program) < 0) {
		request_fail(request, E_REQUEST, ENOENT, name,
			     "Run \"%s\" has loaded no program \"%.80s\".", run->name, name);
		free(test);
		return;
	}
	test->job = (struct job){ .session = run->session, .work = work, .done = done };
	test->run = run;
	test->request_id = request->id;
	test->prog_fd = bpf_program__fd(program);
	snprintf(test->program, sizeof(test->program), "%s", name);
	test->data = field_bytes(&request->fields, "data", MAX_TEST_RUN_BYTES);
	test->context = field_bytes(&request->fields, "context", MAX_TEST_RUN_BYTES);
	test->repeat = (int)field_integer_or(&request->fields, "repeat", 1, MAX_TEST_REPEAT, 1);
	test->flags = (uint32_t)field_integer_or(&request->fields, "flags", 0, UINT32_MAX, 0);
	if (request_bad(request)) {
		free_test(test);
		return;
	}
	make_room(test);
	run_hold(run);
	job_submit(&run->session->jobs, &test->job);
}
