// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#ifndef BPFLAB_MAP_PATCH_H
#define BPFLAB_MAP_PATCH_H

#include "fields.h"
#include "map_info.h"

/*
 * Writes `bytes` at `offset` of the value of `key` (in range), and nothing else. Arrays that can be mapped, such as those of
 * globals, are written in place: 1, 2, 4 and 8 aligned bytes at once, and what programs count beside them is not touched.
 * Other maps have no such way: their value is read, changed and written, and what programs wrote into it meanwhile is lost.
 * -errno; -ENOENT without such a key, -EOPNOTSUPP for maps with a value per CPU or without plain keys.
 */
int map_patch(const struct map_ref *map, const uint8_t *key, size_t offset,
	      const struct bytes *bytes);

#endif
