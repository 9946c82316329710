// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* What was loaded, as the kernel reports it. */
#include <bpf/bpf.h>
#include <string.h>

#include "bytes.h"
#include "load.h"
#include "type_name.h"

/* The kernel notes when each load ended; they follow each other. */
static json_t *program_json(const struct bpf_program *program, uint64_t *previous_ns)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	char tag[2 * BPF_TAG_SIZE + 1];
	uint64_t load_us = 0;

	if (bpf_prog_get_info_by_fd(bpf_program__fd(program), &info, &size))
		return NULL;
	if (info.load_time > *previous_ns)
		load_us = (info.load_time - *previous_ns) / 1000;
	*previous_ns = info.load_time;
	hex_encode(info.tag, BPF_TAG_SIZE, tag);
	return json_pack(
		"{s:s, s:s, s:I, s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I}", "name",
		bpf_program__name(program), "section", bpf_program__section_name(program), "id",
		(json_int_t)info.id, "type", program_type_name(bpf_program__type(program)),
		"attach_type", attach_type_name(bpf_program__expected_attach_type(program)), "tag",
		tag, "autoattach", bpf_program__autoattach(program), "verified_insns",
		(json_int_t)info.verified_insns, "xlated_bytes", (json_int_t)info.xlated_prog_len,
		"jited_bytes", (json_int_t)info.jited_prog_len, "load_us", (json_int_t)load_us);
}

static json_t *map_json(const struct bpf_map *map)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_map_get_info_by_fd(bpf_map__fd(map), &info, &size))
		return NULL;
	return json_pack("{s:s, s:I, s:s, s:I, s:I, s:I, s:I}", "name", bpf_map__name(map), "id",
			 (json_int_t)info.id, "type", map_type_name(info.type), "key_size",
			 (json_int_t)info.key_size, "value_size", (json_int_t)info.value_size,
			 "max_entries", (json_int_t)info.max_entries, "flags",
			 (json_int_t)info.map_flags);
}

json_t *load_report(const struct load_job *load, uint64_t start_ns, uint64_t total_us)
{
	json_t *programs = json_array(), *maps = json_array(), *entry;
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_program (program, load->object) {
		entry = bpf_program__fd(program) >= 0 ? program_json(program, &start_ns) : NULL;
		if (entry)
			json_array_append_new(programs, entry);
	}
	bpf_object__for_each_map (map, load->object) {
		entry = bpf_map__fd(map) >= 0 ? map_json(map) : NULL;
		if (entry)
			json_array_append_new(maps, entry);
	}
	return json_pack("{s:o, s:o, s:I}", "programs", programs, "maps", maps, "load_us",
			 (json_int_t)total_us);
}
