// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "map_walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "limits.h"

#define LEAST_ENTRIES 4
#define MOST_ENTRIES 4096
/* A bucket of so many entries is a broken hash function, not a map. */
#define BUCKET_LIMIT (1u << 20)
/* Kernel-internal ENOTSUPP, which bpf() passes on. */
#define KERNEL_ENOTSUPP 524
#define CURSOR_MARKS "bkt"

static int resize(struct map_walk *walk, uint32_t capacity)
{
	uint8_t *keys =
		realloc(walk->keys, capacity * (walk->map.key_bytes ? walk->map.key_bytes : 1));
	uint8_t *values;

	if (!keys)
		return -ENOMEM;
	walk->keys = keys;
	values = realloc(walk->values, capacity * walk->map.value_bytes + 8);
	if (!values)
		return -ENOMEM;
	walk->values = values;
	walk->capacity = capacity;
	return 0;
}

int map_walk_begin(struct map_walk *walk, const struct map_ref *map, const uint8_t *cursor,
		   size_t length)
{
	uint32_t fit = (uint32_t)(BATCH_BYTES / (map->key_bytes + map->value_bytes + 16));
	const char *mark;

	memset(walk, 0, sizeof(*walk));
	walk->map = *map;
	/* The batch token is a bucket's number or a key. */
	walk->token_bytes = map->key_bytes > 8 ? map->key_bytes : 8;
	walk->token = calloc(1, walk->token_bytes);
	if (!walk->token || resize(walk, fit < LEAST_ENTRIES  ? LEAST_ENTRIES
					 : fit > MOST_ENTRIES ? MOST_ENTRIES
							      : fit)) {
		map_walk_end(walk);
		return -ENOMEM;
	}
	walk->way = map->info.type == BPF_MAP_TYPE_TASK_STORAGE ? WALK_TASKS : WALK_BATCH;
	if (!length)
		return 0;
	mark = length == walk->token_bytes + 1 ? strchr(CURSOR_MARKS, cursor[0]) : NULL;
	if (!mark || !*mark || (walk->way == WALK_TASKS) != (cursor[0] == 't')) {
		map_walk_end(walk);
		return -EINVAL;
	}
	walk->way = (enum walk_way)(mark - CURSOR_MARKS);
	memcpy(walk->token, cursor + 1, walk->token_bytes);
	walk->started = true;
	return 0;
}

size_t map_walk_cursor(const struct map_walk *walk, uint8_t *cursor)
{
	if (!walk->started)
		return 0;
	cursor[0] = (uint8_t)CURSOR_MARKS[walk->way];
	memcpy(cursor + 1, walk->token, walk->token_bytes);
	return walk->token_bytes + 1;
}

static int step_batch(struct map_walk *walk, uint32_t most)
{
	for (;;) {
		uint32_t count = most < walk->capacity ? most : walk->capacity;
		uint8_t next[walk->token_bytes];
		int err;

		memset(next, 0, walk->token_bytes);
		err = bpf_map_lookup_batch(walk->map.fd, walk->started ? walk->token : NULL, next,
					   walk->keys, walk->values, &count, NULL);
		if (err == -ENOSPC && count == 0) {
			/* One bucket is larger than the room: it comes whole. */
			most = most < walk->capacity ? walk->capacity : walk->capacity * 2;
			if (most > BUCKET_LIMIT)
				return -E2BIG;
			err = most > walk->capacity ? resize(walk, most) : 0;
			if (err)
				return err;
			continue;
		}
		if (err && err != -ENOENT && err != -ENOSPC)
			return err;
		walk->started = true;
		walk->finished = err == -ENOENT;
		walk->count = count;
		memcpy(walk->token, next, walk->token_bytes);
		return 0;
	}
}

static int step_keys(struct map_walk *walk, uint32_t most)
{
	size_t key_bytes = walk->map.key_bytes;

	while (walk->count < walk->capacity && walk->count < most) {
		uint8_t *key = walk->keys + walk->count * key_bytes;

		if (bpf_map_get_next_key(walk->map.fd, walk->started ? walk->token : NULL, key)) {
			if (errno != ENOENT)
				return -errno;
			walk->finished = true;
			return 0;
		}
		walk->started = true;
		memcpy(walk->token, key, key_bytes);
		/* An entry may go between the two calls, or be an empty slot. */
		if (!bpf_map_lookup_elem(walk->map.fd, key,
					 walk->values + walk->count * walk->map.value_bytes))
			walk->count++;
		else if (errno != ENOENT)
			return -errno;
	}
	return 0;
}

/* The next process of /proc by number, in its order; 0 at the end. */
static uint32_t next_task(struct map_walk *walk)
{
	struct dirent *entry;

	while ((entry = readdir(walk->tasks))) {
		char *end;
		unsigned long pid = strtoul(entry->d_name, &end, 10);

		if (!*end && pid)
			return (uint32_t)pid;
	}
	return 0;
}

/* The kernel finds the storage of a task by pidfd; the key that is told is the pid. */
static int step_tasks(struct map_walk *walk)
{
	uint32_t pid;

	if (!walk->tasks)
		walk->tasks = opendir("/proc");
	if (!walk->tasks || walk->map.key_bytes != sizeof(pid))
		return -ENOTSUP;
	walk->started = true;
	while (walk->count < walk->capacity && (pid = next_task(walk))) {
		int fd = (int)syscall(SYS_pidfd_open, pid, 0);

		if (fd < 0)
			continue;
		if (!bpf_map_lookup_elem(walk->map.fd, &fd,
					 walk->values + walk->count * walk->map.value_bytes)) {
			memcpy(walk->keys + walk->count * sizeof(pid), &pid, sizeof(pid));
			walk->count++;
		}
		close(fd);
	}
	walk->finished = walk->count < walk->capacity;
	return 0;
}

int map_walk_step(struct map_walk *walk, uint32_t most)
{
	int err;

	walk->count = 0;
	if (walk->way == WALK_TASKS)
		return step_tasks(walk);
	if (walk->way == WALK_BATCH) {
		err = step_batch(walk, most);
		if (!err || walk->started ||
		    (err != -EOPNOTSUPP && err != -KERNEL_ENOTSUPP && err != -EINVAL &&
		     err != -EPERM))
			return err;
		walk->way = WALK_KEYS;
	}
	return step_keys(walk, most);
}

void map_walk_end(struct map_walk *walk)
{
	free(walk->keys);
	free(walk->values);
	free(walk->token);
	if (walk->tasks)
		closedir(walk->tasks);
	if (walk->map.fd >= 0)
		close(walk->map.fd);
	walk->map.fd = -1;
	walk->keys = walk->values = walk->token = NULL;
	walk->tasks = NULL;
}
