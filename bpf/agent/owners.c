// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "owners.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "attachment.h"
#include "holders.h"
#include "process.h"

static void add(struct owners *owners, enum owned_kind kind, uint32_t id, const char *run)
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
	snprintf(owner->run, sizeof(owner->run), "%s", run);
}

static void add_loose(struct owners *owners, const struct attachment *attachment, const char *run)
{
	struct loose *list = realloc(owners->loose, (owners->loose_count + 1) * sizeof(*list));
	struct loose *loose;

	if (!list)
		return;
	owners->loose = list;
	loose = &list[owners->loose_count++];
	loose->prog_id = attachment->prog_id;
	snprintf(loose->run, sizeof(loose->run), "%s", run);
	snprintf(loose->kind, sizeof(loose->kind), "%s", attachment->kind);
	snprintf(loose->target, sizeof(loose->target), "%s", attachment->target);
}

static void add_run(struct owners *owners, const struct run *run)
{
	struct bpf_program *program;
	struct bpf_map *map;

	for (const struct attachment *attachment = run->attachments; attachment;
	     attachment = attachment->next) {
		add(owners, OWNED_LINK, attachment->link_id, run->name);
		if (!attachment->link_id)
			add_loose(owners, attachment, run->name);
	}
	if (!run->object || run->loading)
		return;
	bpf_object__for_each_program (program, run->object)
		add(owners, OWNED_PROGRAM, program_id(program), run->name);
	bpf_object__for_each_map (map, run->object)
		add(owners, OWNED_MAP, map_id(map), run->name);
}

static void collect_groups(struct owners *owners, const struct session *session)
{
	size_t count = 0;

	for (const struct process *process = session->processes; process; process = process->next)
		count++;
	owners->groups = calloc(count ? count : 1, sizeof(*owners->groups));
	if (!owners->groups)
		return;
	for (const struct process *process = session->processes; process; process = process->next) {
		struct owner_group *group = &owners->groups[owners->group_count++];

		group->group = process->pid;
		snprintf(group->run, sizeof(group->run), "%s", process->run->name);
	}
}

void owners_collect(struct owners *owners, const struct session *session)
{
	for (const struct run *run = session->runs; run; run = run->next)
		add_run(owners, run);
	collect_groups(owners, session);
}

void owners_add_held(struct owners *owners, const struct holders *holders)
{
	for (size_t i = 0; i < holders->count; i++) {
		const struct holder *holder = &holders->list[i];
		pid_t group = getpgid(holder->pid);

		for (size_t j = 0; j < owners->group_count; j++)
			if (owners->groups[j].group == group &&
			    !owners_find(owners, holder->kind, holder->id))
				add(owners, holder->kind, holder->id, owners->groups[j].run);
	}
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
	free(owners->groups);
	free(owners->loose);
	*owners = (struct owners){ 0 };
}
