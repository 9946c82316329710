// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Walking a map in steps: by lookup_batch where the type has it, by next_key otherwise; a storage out of what was
 * collected of it. */
#ifndef BPFLAB_MAP_WALK_H
#define BPFLAB_MAP_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "map_info.h"
#include "storage.h"

enum walk_way {
	WALK_BATCH,
	WALK_KEYS,
	WALK_STORAGE,
};

/* `count` entries of the last step are in `keys` and `values`. `token` is where the next step goes
 * on. */
struct map_walk {
	struct map_ref map;
	enum walk_way way;
	uint8_t *keys, *values, *token;
	size_t token_bytes;
	uint32_t capacity, count;
	bool started, finished;
	/* WALK_STORAGE: filled by storage_collect before the first step. */
	struct storage_entries entries;
};

/* Takes `map`. `cursor` is what map_walk_cursor gave, or of length 0. -EINVAL for another's cursor.
 */
int map_walk_begin(struct map_walk *walk, const struct map_ref *map, const uint8_t *cursor,
		   size_t length);
/* Fetches at most about `most` entries (a hash bucket is never cut); -errno. */
int map_walk_step(struct map_walk *walk, uint32_t most);
/* Writes at most 1 + token_bytes; returns the length, 0 before the first step. */
size_t map_walk_cursor(const struct map_walk *walk, uint8_t *cursor);
void map_walk_end(struct map_walk *walk);

#endif
