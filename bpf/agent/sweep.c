// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "sweep.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "journal.h"
#include "netlink_detach.h"
#include "process_start.h"

#define INSTANCE_TRIES 100
#define FOLDER_DESCRIPTORS 16

/* One line of what was found and done. */
__attribute__((format(printf, 2, 3))) static void note(json_t *items, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	json_array_append_new(items, json_string(text));
}

static const char *text_of(json_t *entry, const char *name)
{
	const char *text = json_string_value(json_object_get(entry, name));

	return text ? text : "";
}

static int number_of(json_t *entry, const char *name)
{
	return (int)json_integer_value(json_object_get(entry, name));
}

static void pause_ms(long ms)
{
	struct timespec pause = { .tv_nsec = ms * 1000000 };

	nanosleep(&pause, NULL);
}

/* The worker itself goes first: it would make new things while the old ones are removed. */
static void sweep_worker(json_t *entry, json_t *items)
{
	pid_t pid = number_of(entry, "pid");

	if (pid <= 1 || process_start_time(pid) != strtoull(text_of(entry, "start"), NULL, 10))
		return;
	kill(pid, SIGKILL);
	for (int i = 0; i < 200 && !process_is_gone(pid); i++)
		pause_ms(5);
	note(items, "worker %d killed", pid);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	/* What cannot be removed is told by the folder that stays. */
	remove(path);
	return 0;
}

static void sweep_folder(json_t *entry, json_t *items)
{
	const char *path = text_of(entry, "path");

	nftw(path, remove_entry, FOLDER_DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	if (!access(path, F_OK))
		note(items, "folder %s stays: %s", path, strerror(errno));
}

static void sweep_cgroup(json_t *entry, json_t *items)
{
	const char *path = text_of(entry, "path");

	if (access(path, F_OK))
		return;
	if (cgroup_remove(path))
		note(items, "cgroup %s stays: it has processes that do not die", path);
}

/* A reader that is just going away still holds it for a moment. */
static void sweep_instance(json_t *entry, json_t *items)
{
	const char *path = text_of(entry, "path");

	for (int i = 0; i < INSTANCE_TRIES; i++) {
		if (!rmdir(path) || errno == ENOENT)
			return;
		pause_ms(10);
	}
	note(items, "tracing instance %s stays: %s", path, strerror(errno));
}

static void sweep_mount(json_t *entry, json_t *items)
{
	const char *path = text_of(entry, "path");

	if (umount2(path, MNT_DETACH) && errno != EINVAL && errno != ENOENT)
		note(items, "mount %s stays: %s", path, strerror(errno));
}

static void sweep_tc(json_t *entry, json_t *items)
{
	int index = number_of(entry, "ifindex"), point = number_of(entry, "point");
	uint32_t handle = (uint32_t)json_integer_value(json_object_get(entry, "handle"));
	uint32_t priority = (uint32_t)number_of(entry, "priority");

	if (!tc_detach(index, point, handle, priority))
		note(items, "tc filter of interface %d removed", index);
}

static void sweep_clsact(json_t *entry, json_t *items)
{
	int index = number_of(entry, "ifindex");

	if (!clsact_remove_unused(index))
		note(items, "clsact of interface %d removed", index);
}

static void sweep_xdp(json_t *entry, json_t *items)
{
	int index = number_of(entry, "ifindex");
	uint32_t flags = (uint32_t)json_integer_value(json_object_get(entry, "flags")), id = 0;

	if (bpf_xdp_query_id(index, (int)flags, &id) || !id ||
	    (int)id != number_of(entry, "program"))
		return;
	if (!xdp_detach(index, flags, -1))
		note(items, "XDP program %u of interface %d removed", id, index);
}

static void sweep_cgroup_attach(json_t *entry, json_t *items)
{
	int program = bpf_prog_get_fd_by_id((__u32)number_of(entry, "program"));
	int cgroup = open(text_of(entry, "path"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (program >= 0 && cgroup >= 0 &&
	    !bpf_prog_detach2(program, cgroup, (enum bpf_attach_type)number_of(entry, "point")))
		note(items, "program of cgroup %s removed", text_of(entry, "path"));
	if (program >= 0)
		close(program);
	if (cgroup >= 0)
		close(cgroup);
}

static void sweep_struct_ops(json_t *entry, json_t *items)
{
	int map = bpf_map_get_fd_by_id((__u32)number_of(entry, "map"));
	const __u32 zero = 0;

	if (map < 0)
		return;
	if (!bpf_map_delete_elem(map, &zero))
		note(items, "struct_ops map %d unregistered", number_of(entry, "map"));
	close(map);
}

static const struct {
	const char *kind;
	void (*sweep)(json_t *entry, json_t *items);
} kinds[] = {
	{ "folder", sweep_folder },
	{ "cgroup", sweep_cgroup },
	{ "instance", sweep_instance },
	{ "mount", sweep_mount },
	{ "tc", sweep_tc },
	{ "clsact", sweep_clsact },
	{ "xdp", sweep_xdp },
	{ "cgroup_attach", sweep_cgroup_attach },
	{ "struct_ops", sweep_struct_ops },
};

void sweep_journal(const char *path, json_t *items)
{
	json_t *entries = journal_read(path), *entry;
	size_t index;

	json_array_foreach (entries, index, entry)
		if (!strcmp(text_of(entry, "kind"), "worker"))
			sweep_worker(entry, items);
	for (index = json_array_size(entries); index-- > 0;) {
		entry = json_array_get(entries, index);
		/* Gone with its network. */
		if (json_object_get(entry, "own_network"))
			continue;
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (!strcmp(kinds[i].kind, text_of(entry, "kind")))
				kinds[i].sweep(entry, items);
	}
	json_decref(entries);
	unlink(path);
}
