// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "owners.h"

#include <stdio.h>
#include <stdlib.h>

#include "attachment.h"

static void add(struct owners *owners, enum owned_kind kind, uint32_t id, const struct run *run)
{
	struct owner *owner;

	if (!id)
		return;
	if (owners->count == owners->capacity) {
		size_t capacity = owners->capacity ? owners->capacity * 2 : 64;
		struct owner *list = realloc(owners->list, capacity * sizeof(*list));

		if (!list)
			return;
		owners->list = list;
		owners->capacity = capacity;
	}
	owner = &owners->list[owners->count++];
	owner->kind = kind;
	owner->id = id;
	snprintf(owner->run, sizeof(owner->run), "%s", run->name);
}

static void add_run(struct owners *owners, const struct run *run)
{
	struct bpf_program *program;
	struct bpf_map *map;

	for (const struct attachment *attachment = run->attachments; attachment;
	     attachment = attachment->next)
		add(owners, OWNED_LINK, attachment->link_id, run);
	if (!run->object || run->loading)
		return;
	bpf_object__for_each_program (program, run->object)
		add(owners, OWNED_PROGRAM, program_id(program), run);
	bpf_object__for_each_map (map, run->object)
		add(owners, OWNED_MAP, map_id(map), run);
}

void owners_collect(struct owners *owners, const struct session *session)
{
	for (const struct run *run = session->runs; run; run = run->next)
		add_run(owners, run);
}

const char *owners_find(const struct owners *owners, enum owned_kind kind, uint32_t id)
{
	for (size_t i = 0; i < owners->count; i++)
		if (owners->list[i].kind == kind && owners->list[i].id == id)
			return owners->list[i].run;
	return NULL;
}

void owners_free(struct owners *owners)
{
	free(owners->list);
	owners->list = NULL;
	owners->count = owners->capacity = 0;
}
