// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "map_walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "limits.h"

#define LEAST_ENTRIES 4
#define MOST_ENTRIES 4096
/* A bucket of so many entries is a broken hash function, not a map. */
#define BUCKET_LIMIT (1u << 20)
/* Kernel-internal ENOTSUPP, which bpf() passes on. */
#define KERNEL_ENOTSUPP 524
#define CURSOR_MARKS "bks"

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
	walk->way = storage_is(map->info.type) ? WALK_STORAGE : WALK_BATCH;
	if (!length)
		return 0;
	mark = length == walk->token_bytes + 1 ? strchr(CURSOR_MARKS, cursor[0]) : NULL;
	if (!mark || !*mark || (walk->way == WALK_STORAGE) != (cursor[0] == 's')) {
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

/* The token is how many entries were given. */
static int step_storage(struct map_walk *walk, uint32_t most)
{
	uint64_t at = get_u64(walk->token);
	size_t left = at < walk->entries.count ? walk->entries.count - (size_t)at : 0;
	size_t value_bytes = walk->map.value_bytes;
	uint32_t room = most < walk->capacity ? most : walk->capacity;

	walk->count = left < room ? (uint32_t)left : room;
	walk->started = true;
	walk->finished = walk->count == left;
	if (!walk->count)
		return 0;
	memcpy(walk->keys, walk->entries.keys + at * STORAGE_KEY_BYTES,
	       (size_t)walk->count * STORAGE_KEY_BYTES);
	memcpy(walk->values, walk->entries.values + at * value_bytes, walk->count * value_bytes);
	put_u64(walk->token, at + walk->count);
	return 0;
}

int map_walk_step(struct map_walk *walk, uint32_t most)
{
	int err;

	walk->count = 0;
	if (walk->way == WALK_STORAGE)
		return step_storage(walk, most);
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
	storage_entries_free(&walk->entries);
	if (walk->map.fd >= 0)
		close(walk->map.fd);
	walk->map.fd = -1;
	walk->keys = walk->values = walk->token = NULL;
}
