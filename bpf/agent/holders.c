// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "holders.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add(struct holders *holders, enum owned_kind kind, uint32_t id, int pid)
{
	for (size_t i = holders->count; i && holders->list[i - 1].pid == pid; i--)
		if (holders->list[i - 1].kind == kind && holders->list[i - 1].id == id)
			return;
	if (holders->count == holders->capacity) {
		size_t capacity = holders->capacity ? holders->capacity * 2 : 64;
		struct holder *list = realloc(holders->list, capacity * sizeof(*list));

		if (!list)
			return;
		holders->list = list;
		holders->capacity = capacity;
	}
	holders->list[holders->count++] = (struct holder){ .kind = kind, .id = id, .pid = pid };
}

/* Only bpf and perf descriptors are worth opening; the link of /proc/PID/fd says which they are. */
static int is_bpf(int fds, const char *name)
{
	char target[64];
	ssize_t length = readlinkat(fds, name, target, sizeof(target) - 1);

	if (length < 0)
		return 0;
	target[length] = 0;
	return !strncmp(target, "anon_inode:bpf", 14);
}

/* A link's descriptor names its program too. */
static const struct {
	const char *name;
	enum owned_kind kind;
} fields[] = {
	{ "prog_id:", OWNED_PROGRAM },
	{ "map_id:", OWNED_MAP },
	{ "link_id:", OWNED_LINK },
};

static void read_fdinfo(struct holders *holders, int pid, const char *name)
{
	char path[64], text[1024], *line;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%.16s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = 0;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		line = strstr(text, fields[i].name);
		if (line)
			add(holders, fields[i].kind,
			    (uint32_t)strtoul(line + strlen(fields[i].name), NULL, 10), pid);
	}
}

static void read_process(struct holders *holders, int pid)
{
	char path[64];
	struct dirent *entry;
	DIR *fds;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	fds = opendir(path);
	while (fds && (entry = readdir(fds)))
		if (entry->d_name[0] != '.' && is_bpf(dirfd(fds), entry->d_name))
			read_fdinfo(holders, pid, entry->d_name);
	if (fds)
		closedir(fds);
}

void holders_collect(struct holders *holders)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (!*end && pid > 0)
			read_process(holders, (int)pid);
	}
	if (proc)
		closedir(proc);
}

json_t *holders_json(const struct holders *holders, uint32_t prog_id)
{
	json_t *pids = json_array();

	for (size_t i = 0; i < holders->count; i++)
		if (holders->list[i].kind == OWNED_PROGRAM && holders->list[i].id == prog_id)
			json_array_append_new(pids, json_integer(holders->list[i].pid));
	return pids;
}

void holders_free(struct holders *holders)
{
	free(holders->list);
	holders->list = NULL;
	holders->count = holders->capacity = 0;
}
