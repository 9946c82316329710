// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* What the kernel accepts, found by really loading one of each. */
#include <bpf/libbpf.h>
#include <string.h>

#include "probe.h"
#include "type_name.h"

/* Types whose helpers are worth the loads: each asks the kernel some 200 times. */
static const enum bpf_prog_type helper_types[] = {
	BPF_PROG_TYPE_KPROBE,	     BPF_PROG_TYPE_TRACEPOINT, BPF_PROG_TYPE_PERF_EVENT,
	BPF_PROG_TYPE_XDP,	     BPF_PROG_TYPE_SCHED_CLS,  BPF_PROG_TYPE_CGROUP_SKB,
	BPF_PROG_TYPE_SOCKET_FILTER,
};

/* libbpf answers 1, 0, or -errno when it cannot know. */
static json_t *answer_json(int answer)
{
	return answer < 0 ? json_null() : json_boolean(answer);
}

json_t *probe_program_types(const struct facts *facts, struct probe_text *text)
{
	json_t *types = json_object();

	(void)facts;
	(void)text;
	for (int type = 1; libbpf_bpf_prog_type_str((enum bpf_prog_type)type); type++)
		json_object_set_new(
			types, program_type_name((uint32_t)type),
			answer_json(libbpf_probe_bpf_prog_type((enum bpf_prog_type)type, NULL)));
	return types;
}

json_t *probe_map_types(const struct facts *facts, struct probe_text *text)
{
	json_t *types = json_object();

	(void)facts;
	(void)text;
	for (int type = 1; libbpf_bpf_map_type_str((enum bpf_map_type)type); type++)
		json_object_set_new(
			types, map_type_name((uint32_t)type),
			answer_json(libbpf_probe_bpf_map_type((enum bpf_map_type)type, NULL)));
	return types;
}

static json_t *helpers_of(enum bpf_prog_type type)
{
	json_t *ids = json_array();

	for (int id = 1; id < __BPF_FUNC_MAX_ID; id++)
		if (libbpf_probe_bpf_helper(type, (enum bpf_func_id)id, NULL) == 1)
			json_array_append_new(ids, json_integer(id));
	return ids;
}

/* {"xdp": [1, 2, …]} by numbers of include/uapi/linux/bpf.h. */
json_t *probe_helpers(const struct facts *facts, struct probe_text *text)
{
	json_t *helpers = json_object();

	(void)facts;
	(void)text;
	for (size_t i = 0; i < sizeof(helper_types) / sizeof(helper_types[0]); i++)
		json_object_set_new(helpers, program_type_name(helper_types[i]),
				    helpers_of(helper_types[i]));
	return helpers;
}
