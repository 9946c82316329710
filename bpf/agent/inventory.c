// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The verb `inventory`: what the kernel has loaded, and whose it is. Walks /proc, so it is a job.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "holders.h"
#include "link_target.h"
#include "owners.h"
#include "request.h"
#include "run.h"
#include "type_name.h"

struct inventory_job {
	struct job job;
	long long request_id;
	bool only_session;
	struct owners owners;
	struct holders holders;
	json_t *programs, *maps, *links;
};

static json_t *with_owner(const struct inventory_job *inventory, const char *run, json_t *entry)
{
	json_object_set_new(entry, "session", json_string(run ? inventory->job.session->name : ""));
	json_object_set_new(entry, "run", json_string(run ? run : ""));
	return entry;
}

static void add_program(struct inventory_job *inventory, uint32_t id, int fd)
{
	const char *run = owners_find(&inventory->owners, OWNED_PROGRAM, id);
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	char tag[2 * BPF_TAG_SIZE + 1];

	if ((inventory->only_session && !run) || bpf_prog_get_info_by_fd(fd, &info, &size))
		return;
	hex_encode(info.tag, BPF_TAG_SIZE, tag);
	json_array_append_new(
		inventory->programs,
		with_owner(inventory, run,
			   json_pack("{s:I, s:s, s:s, s:s, s:o}", "id", (json_int_t)id, "name",
				     info.name, "type", program_type_name(info.type), "tag", tag,
				     "pids", holders_json(&inventory->holders, id))));
}

static void add_map(struct inventory_job *inventory, uint32_t id, int fd)
{
	const char *run = owners_find(&inventory->owners, OWNED_MAP, id);
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if ((inventory->only_session && !run) || bpf_map_get_info_by_fd(fd, &info, &size))
		return;
	json_array_append_new(
		inventory->maps,
		with_owner(inventory, run,
			   json_pack("{s:I, s:s, s:s, s:I, s:I, s:I}", "id", (json_int_t)id, "name",
				     info.name, "type", map_type_name(info.type), "key_size",
				     (json_int_t)info.key_size, "value_size",
				     (json_int_t)info.value_size, "max_entries",
				     (json_int_t)info.max_entries)));
}

static void add_link(struct inventory_job *inventory, uint32_t id, int fd)
{
	const char *run = owners_find(&inventory->owners, OWNED_LINK, id);
	struct bpf_link_info info = { 0 };
	__u32 size = sizeof(info);
	char target[128];
	json_t *entry;

	if ((inventory->only_session && !run) || bpf_link_get_info_by_fd(fd, &info, &size))
		return;
	entry = json_pack("{s:I, s:s, s:I}", "id", (json_int_t)id, "kind",
			  link_type_name(info.type), "prog_id", (json_int_t)info.prog_id);
	/* Numbers of interfaces mean nothing outside of their network. */
	target[0] = 0;
	if (run || !inventory->job.session->own_network)
		link_target(fd, &info, target, sizeof(target));
	json_object_set_new(entry, "target", text_json(target, strlen(target)));
	json_array_append_new(inventory->links, with_owner(inventory, run, entry));
}

/* Attachments that the kernel has no id for. */
static void add_loose(struct inventory_job *inventory)
{
	for (size_t i = 0; i < inventory->owners.loose_count; i++) {
		const struct loose *loose = &inventory->owners.loose[i];

		json_array_append_new(
			inventory->links,
			with_owner(inventory, loose->run,
				   json_pack("{s:i, s:s, s:I, s:o}", "id", 0, "kind", loose->kind,
					     "prog_id", (json_int_t)loose->prog_id, "target",
					     text_json(loose->target, strlen(loose->target)))));
	}
}

static void walk(struct inventory_job *inventory, int (*next_id)(__u32, __u32 *),
		 int (*open_id)(__u32), void (*add)(struct inventory_job *, uint32_t, int))
{
	for (__u32 id = 0; !next_id(id, &id);) {
		int fd = open_id(id);

		if (fd < 0)
			continue;
		add(inventory, id, fd);
		close(fd);
	}
}

static void work(struct job *job)
{
	struct inventory_job *inventory = (struct inventory_job *)job;

	holders_collect(&inventory->holders);
	owners_add_held(&inventory->owners, &inventory->holders);
	walk(inventory, bpf_prog_get_next_id, bpf_prog_get_fd_by_id, add_program);
	walk(inventory, bpf_map_get_next_id, bpf_map_get_fd_by_id, add_map);
	walk(inventory, bpf_link_get_next_id, bpf_link_get_fd_by_id, add_link);
	add_loose(inventory);
}

static void done(struct job *job)
{
	struct inventory_job *inventory = (struct inventory_job *)job;
	struct session *session = job->session;

	reply_ok(session, inventory->request_id,
		 json_pack("{s:o, s:o, s:o}", "programs", inventory->programs, "maps",
			   inventory->maps, "links", inventory->links));
	owners_free(&inventory->owners);
	holders_free(&inventory->holders);
	free(inventory);
	session_check_bye(session);
}

void verb_inventory(struct request *request)
{
	const char *scope = field_string(&request->fields, "scope");
	struct inventory_job *inventory;

	if (strcmp(scope, "session") && strcmp(scope, "target"))
		fields_problem(&request->fields, "scope", "must be session or target");
	if (request_bad(request))
		return;
	inventory = calloc(1, sizeof(*inventory));
	if (!inventory) {
		request_fail(request, "BPFLAB_AGENT_LIMIT", ENOMEM, NULL,
			     "There is no memory for the inventory.");
		return;
	}
	inventory->job = (struct job){ .session = request->session, .work = work, .done = done };
	inventory->request_id = request->id;
	inventory->only_session = !strcmp(scope, "session");
	inventory->programs = json_array();
	inventory->maps = json_array();
	inventory->links = json_array();
	owners_collect(&inventory->owners, request->session);
	job_submit(&request->session->jobs, &inventory->job);
}
