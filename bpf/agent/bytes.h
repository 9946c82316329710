// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Little-endian numbers in memory, and hexadecimal text. */
#ifndef BPFLAB_BYTES_H
#define BPFLAB_BYTES_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t get_u32(const void *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static inline uint64_t get_u64(const void *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

static inline void put_u32(void *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
}

static inline void put_u64(void *at, uint64_t value)
{
	value = htole64(value);
	memcpy(at, &value, sizeof(value));
}

static inline size_t round_up_8(size_t value)
{
	return (value + 7) & ~(size_t)7;
}

/* Decodes lower-case hex of 2 × `count` characters; -EINVAL for anything else. */
int hex_decode(const char *hex, uint8_t *bytes, size_t count);
/* Writes 2 × `count` characters and a 0. */
void hex_encode(const uint8_t *bytes, size_t count, char *hex);

#endif
