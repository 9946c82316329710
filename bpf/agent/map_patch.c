// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "map_patch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bytes.h"

/* A reader sees the old number or the new one, never a mixture. */
static void store(uint8_t *at, const struct bytes *bytes)
{
	bool is_whole = bytes->length <= 8 && !(bytes->length & (bytes->length - 1)) &&
			(uintptr_t)at % bytes->length == 0;
	uint64_t number = 0;

	memcpy(&number, bytes->data, is_whole ? bytes->length : 0);
	if (!is_whole)
		memcpy(at, bytes->data, bytes->length);
	else if (bytes->length == 1)
		__atomic_store_n(at, (uint8_t)number, __ATOMIC_RELAXED);
	else if (bytes->length == 2)
		__atomic_store_n((uint16_t *)(void *)at, htole16(le64toh(number)),
				 __ATOMIC_RELAXED);
	else if (bytes->length == 4)
		__atomic_store_n((uint32_t *)(void *)at, htole32(le64toh(number)),
				 __ATOMIC_RELAXED);
	else
		__atomic_store_n((uint64_t *)(void *)at, number, __ATOMIC_RELAXED);
}

static int patch_mapped(const struct map_ref *map, uint32_t index, size_t offset,
			const struct bytes *bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), step = round_up_8(map->info.value_size);
	size_t length = (step * map->info.max_entries + page - 1) / page * page;
	uint8_t *values;

	if (index >= map->info.max_entries)
		return -ENOENT;
	values = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, map->fd, 0);
	if (values == MAP_FAILED)
		return -errno;
	store(values + index * step + offset, bytes);
	munmap(values, length);
	return 0;
}

static int patch_copy(const struct map_ref *map, const uint8_t *key, size_t offset,
		      const struct bytes *bytes)
{
	uint8_t *value = calloc(1, map->value_bytes + 8);
	int err = 0;

	if (!value)
		return -ENOMEM;
	if (bpf_map_lookup_elem(map->fd, key, value))
		err = -errno;
	if (!err) {
		memcpy(value + offset, bytes->data, bytes->length);
		if (bpf_map_update_elem(map->fd, key, value, BPF_EXIST))
			err = -errno;
	}
	free(value);
	return err;
}

int map_patch(const struct map_ref *map, const uint8_t *key, size_t offset,
	      const struct bytes *bytes)
{
	switch (map->info.type) {
	case BPF_MAP_TYPE_ARRAY:
		if (map->info.map_flags & BPF_F_MMAPABLE)
			return patch_mapped(map, get_u32(key), offset, bytes);
		return patch_copy(map, key, offset, bytes);
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LPM_TRIE:
		return patch_copy(map, key, offset, bytes);
	default:
		return -EOPNOTSUPP;
	}
}
