// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The kernel walks socket storage only by an iterator: a program of ours prints it. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "storage.h"

#define READ_BYTES 32768

/* sockets.bpf.o, put in by the Makefile. */
__asm__(".section .rodata\n"
	".balign 8\n"
	"sockets_object:\n"
	".incbin \"sockets.bpf.o\"\n"
	"sockets_object_end:\n"
	".byte 0\n"
	".previous\n");

extern const char sockets_object[], sockets_object_end[];

/* The verifier has to know how long a value is. */
static struct bpf_object *load(uint32_t value_bytes)
{
	size_t size = (size_t)(sockets_object_end - sockets_object), room = 0;
	struct bpf_object *object = bpf_object__open_mem(sockets_object, size, NULL);
	struct bpf_map *globals = object ? bpf_object__find_map_by_name(object, ".rodata") : NULL;
	void *bytes = globals ? bpf_map__initial_value(globals, &room) : NULL;
	int err = object ? -EINVAL : -errno;

	if (bytes && room >= sizeof(value_bytes)) {
		memcpy(bytes, &value_bytes, sizeof(value_bytes));
		err = bpf_object__load(object);
	}
	if (!err)
		return object;
	bpf_object__close(object);
	errno = -err;
	return NULL;
}

static int open_iterator(const struct map_ref *map, const struct bpf_object *object,
			 struct bpf_link **link)
{
	union bpf_iter_link_info info = { .map = { .map_fd = (__u32)map->fd } };
	LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &info,
		    .link_info_len = sizeof(info));
	int fd;

	*link = bpf_program__attach_iter(bpf_object__next_program(object, NULL), &options);
	if (!*link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(*link));
	return fd < 0 ? -errno : fd;
}

/* Reads to the end; entries may be cut anywhere between two reads. */
static int read_entries(const struct map_ref *map, int fd, struct storage_entries *entries)
{
	size_t entry_bytes = STORAGE_KEY_BYTES + map->info.value_size, held = 0;
	uint8_t *room = malloc(entry_bytes + READ_BYTES);
	int err = room ? 0 : -ENOMEM;

	while (!err) {
		ssize_t got = read(fd, room + held, READ_BYTES);
		size_t at = 0;

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got < 0)
			err = -errno;
		if (got <= 0)
			break;
		held += (size_t)got;
		for (; !err && held - at >= entry_bytes; at += entry_bytes)
			err = storage_add(entries, map, get_u32(room + at),
					  room + at + STORAGE_KEY_BYTES);
		held -= at;
		memmove(room, room + at, held);
	}
	free(room);
	return err;
}

int storage_collect_sockets(const struct map_ref *map, struct storage_entries *entries)
{
	struct bpf_object *object = load(map->info.value_size);
	struct bpf_link *link = NULL;
	int fd, err;

	if (!object)
		return -errno;
	fd = open_iterator(map, object, &link);
	err = fd < 0 ? fd : read_entries(map, fd, entries);
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	bpf_object__close(object);
	return err;
}
