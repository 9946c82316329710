// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * The verb `inspect`: what the kernel tells about programs, maps and BTF objects beyond the
 * inventory, and what is pinned. Tables by id; whose they are is the inventory's to say.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "errors.h"
#include "pins.h"
#include "request.h"

#define MAX_MAPS_OF_PROGRAM 256

struct inspect_job {
	struct job job;
	long long request_id;
	json_t *programs, *maps, *btf, *pins;
};

static json_t *decimal(uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return json_string(text);
}

static void add_program(json_t *programs, uint32_t id, int fd)
{
	uint32_t map_ids[MAX_MAPS_OF_PROGRAM];
	struct bpf_prog_info info = { .nr_map_ids = MAX_MAPS_OF_PROGRAM,
				      .map_ids = (uintptr_t)map_ids };
	__u32 size = sizeof(info);
	json_t *maps;

	if (bpf_prog_get_info_by_fd(fd, &info, &size))
		return;
	maps = json_array();
	for (uint32_t i = 0; i < info.nr_map_ids && i < MAX_MAPS_OF_PROGRAM; i++)
		json_array_append_new(maps, json_integer(map_ids[i]));
	json_array_append_new(
		programs,
		json_pack("{s:I, s:o, s:o, s:I, s:I, s:I, s:o, s:I, s:I, s:o}", "id",
			  (json_int_t)id, "run_count", decimal(info.run_cnt), "run_time_ns",
			  decimal(info.run_time_ns), "xlated_bytes", (json_int_t)info.xlated_prog_len,
			  "jited_bytes", (json_int_t)info.jited_prog_len, "verified_insns",
			  (json_int_t)info.verified_insns, "loaded_ns", decimal(info.load_time), "uid",
			  (json_int_t)info.created_by_uid, "btf_id", (json_int_t)info.btf_id,
			  "map_ids", maps));
}

static void add_map(json_t *maps, uint32_t id, int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_map_get_info_by_fd(fd, &info, &size))
		return;
	json_array_append_new(maps, json_pack("{s:I, s:I, s:I, s:I, s:I}", "id", (json_int_t)id,
					      "flags", (json_int_t)info.map_flags, "btf_id",
					      (json_int_t)info.btf_id, "key_type",
					      (json_int_t)info.btf_key_type_id, "value_type",
					      (json_int_t)info.btf_value_type_id));
}

static void add_btf(json_t *btf, uint32_t id, int fd)
{
	char name[128] = "";
	struct bpf_btf_info info = { .name = (uintptr_t)name, .name_len = sizeof(name) };
	__u32 size = sizeof(info);

	if (bpf_btf_get_info_by_fd(fd, &info, &size))
		return;
	json_array_append_new(btf, json_pack("{s:I, s:o, s:I, s:b}", "id", (json_int_t)id, "name",
					     text_json(name, strlen(name)), "bytes",
					     (json_int_t)info.btf_size, "is_kernel",
					     (int)info.kernel_btf));
}

static void walk(json_t *list, int (*next_id)(__u32, __u32 *), int (*open_id)(__u32),
		 void (*add)(json_t *, uint32_t, int))
{
	for (__u32 id = 0; !next_id(id, &id);) {
		int fd = open_id(id);

		if (fd < 0)
			continue;
		add(list, id, fd);
		close(fd);
	}
}

static void work(struct job *job)
{
	struct inspect_job *inspect = (struct inspect_job *)job;

	walk(inspect->programs, bpf_prog_get_next_id, bpf_prog_get_fd_by_id, add_program);
	walk(inspect->maps, bpf_map_get_next_id, bpf_map_get_fd_by_id, add_map);
	walk(inspect->btf, bpf_btf_get_next_id, bpf_btf_get_fd_by_id, add_btf);
	inspect->pins = pins_json();
}

static void done(struct job *job)
{
	struct inspect_job *inspect = (struct inspect_job *)job;
	struct session *session = job->session;

	reply_ok(session, inspect->request_id,
		 json_pack("{s:o, s:o, s:o, s:o}", "programs", inspect->programs, "maps",
			   inspect->maps, "btf", inspect->btf, "pins", inspect->pins));
	free(inspect);
	session_check_bye(session);
}

void verb_inspect(struct request *request)
{
	struct inspect_job *inspect = calloc(1, sizeof(*inspect));

	if (!inspect) {
		request_fail(request, E_LIMIT, ENOMEM, NULL, "There is no memory to inspect.");
		return;
	}
	inspect->job = (struct job){ .session = request->session, .work = work, .done = done };
	inspect->request_id = request->id;
	inspect->programs = json_array();
	inspect->maps = json_array();
	inspect->btf = json_array();
	job_submit(&request->session->jobs, &inspect->job);
}
