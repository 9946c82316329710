// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The verb `stats`: run counts and times of loaded programs. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "errors.h"
#include "request.h"
#include "run.h"

static json_t *decimal(uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return json_string(text);
}

static void add_run(json_t *programs, const struct run *run)
{
	struct bpf_program *program;

	if (!run->object || run->loading)
		return;
	bpf_object__for_each_program (program, run->object) {
		struct bpf_prog_info info = { 0 };
		__u32 size = sizeof(info);
		int fd = bpf_program__fd(program);

		if (fd < 0 || bpf_prog_get_info_by_fd(fd, &info, &size))
			continue;
		json_array_append_new(
			programs, json_pack("{s:s, s:s, s:I, s:o, s:o, s:o}", "run", run->name,
					    "name", bpf_program__name(program), "id",
					    (json_int_t)info.id, "run_count", decimal(info.run_cnt),
					    "run_time_ns", decimal(info.run_time_ns),
					    "recursion_misses", decimal(info.recursion_misses)));
	}
}

void verb_stats(struct request *request)
{
	json_t *programs;

	if (field_has(&request->fields, "run")) {
		struct run *run = run_of_request(request);

		if (!run)
			return;
		programs = json_array();
		add_run(programs, run);
	} else {
		programs = json_array();
		for (struct run *run = request->session->runs; run; run = run->next)
			add_run(programs, run);
	}
	reply_ok(request->session, request->id,
		 json_pack("{s:o, s:o}", "programs", programs, "monotonic_ns",
			   decimal(monotonic_ns())));
}
