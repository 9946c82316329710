// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "limits.h"
#include "storage.h"

#define MAX_DEPTH 32

int storage_add(struct storage_entries *entries, const struct map_ref *map, uint32_t key,
		const void *value)
{
	size_t value_bytes = map->value_bytes;

	if (entries->count == entries->capacity) {
		size_t capacity = entries->capacity ? entries->capacity * 2 : 64;
		uint8_t *keys = realloc(entries->keys, capacity * STORAGE_KEY_BYTES);
		uint8_t *values;

		if (!keys)
			return -ENOMEM;
		entries->keys = keys;
		values = realloc(entries->values, capacity * value_bytes);
		if (!values)
			return -ENOMEM;
		entries->values = values;
		entries->capacity = capacity;
	}
	put_u32(entries->keys + entries->count * STORAGE_KEY_BYTES, key);
	memcpy(entries->values + entries->count * value_bytes, value, value_bytes);
	entries->count++;
	return 0;
}

/* What a walk needs on its way. */
struct collector {
	const struct map_ref *map;
	const struct facts *facts;
	struct storage_entries *entries;
	uint8_t *value;
};

/* Takes `fd`. An owner without an entry, or gone by now, is none. */
static int take(struct collector *collector, uint32_t key, int fd)
{
	int err;

	if (fd < 0)
		return 0;
	err = bpf_map_lookup_elem(collector->map->fd, &fd, collector->value)
		      ? 0
		      : storage_add(collector->entries, collector->map, key, collector->value);
	close(fd);
	return err;
}

/* Calls `visit` with each number that is a name in the folder. */
static int each_number(const char *path, struct collector *collector,
		       int (*visit)(struct collector *collector, uint32_t number))
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	int err = 0;

	while (folder && !err && (entry = readdir(folder))) {
		char *end;
		unsigned long number = strtoul(entry->d_name, &end, 10);

		if (!*end && number)
			err = visit(collector, (uint32_t)number);
	}
	if (folder)
		closedir(folder);
	return err;
}

static int visit_thread(struct collector *collector, uint32_t id)
{
	uint8_t key[STORAGE_KEY_BYTES];

	put_u32(key, id);
	return take(collector, id, storage_owner(collector->map, collector->facts, key));
}

static int visit_process(struct collector *collector, uint32_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	return each_number(path, collector, visit_thread);
}

static int visit_cgroup(struct collector *collector, const char *path, int depth)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	struct dirent *entry;
	struct stat info;
	DIR *folder;

	if (fd < 0 || fstat(fd, &info)) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	err = take(collector, (uint32_t)info.st_ino, fd);
	folder = depth < MAX_DEPTH ? opendir(path) : NULL;
	while (folder && !err && (entry = readdir(folder))) {
		char below[MAX_PATH_BYTES];

		if (entry->d_type == DT_DIR && entry->d_name[0] != '.' &&
		    (size_t)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) <
			    sizeof(below))
			err = visit_cgroup(collector, below, depth + 1);
	}
	if (folder)
		closedir(folder);
	return err;
}

int storage_collect(const struct map_ref *map, const struct facts *facts,
		    struct storage_entries *entries)
{
	struct collector collector = { .map = map, .facts = facts, .entries = entries };
	int err;

	if (map->key_bytes != STORAGE_KEY_BYTES)
		return -EOPNOTSUPP;
	if (map->info.type == BPF_MAP_TYPE_SK_STORAGE)
		return storage_collect_sockets(map, entries);
	collector.value = calloc(1, map->value_bytes + 8);
	if (!collector.value)
		return -ENOMEM;
	err = map->info.type == BPF_MAP_TYPE_TASK_STORAGE
		      ? each_number("/proc", &collector, visit_process)
		      : visit_cgroup(&collector, facts->cgroup_mount, 0);
	free(collector.value);
	return err;
}

void storage_entries_free(struct storage_entries *entries)
{
	free(entries->keys);
	free(entries->values);
	*entries = (struct storage_entries){ 0 };
}
