// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bytes.h"
#include "limits.h"
#include "storage.h"

/* Linux 6.9: of a thread that is not the first of its process. */
#define PIDFD_OF_THREAD O_EXCL
/* include/linux/exportfs.h: a handle of kernfs is the 64-bit id. */
#define FILEID_KERNFS 0xfe

bool storage_is(uint32_t type)
{
	return type == BPF_MAP_TYPE_TASK_STORAGE || type == BPF_MAP_TYPE_SK_STORAGE ||
	       type == BPF_MAP_TYPE_CGRP_STORAGE || type == BPF_MAP_TYPE_INODE_STORAGE;
}

static int open_task(uint32_t id)
{
	int fd = (int)syscall(SYS_pidfd_open, id, PIDFD_OF_THREAD);

	if (fd < 0 && errno == EINVAL)
		fd = (int)syscall(SYS_pidfd_open, id, 0);
	return fd < 0 ? -errno : fd;
}

/* The number of the process's descriptor whose link is `wanted`; -1. */
static int find_descriptor(uint32_t pid, const char *wanted)
{
	char path[64], target[64];
	struct dirent *entry;
	int found = -1;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	folder = opendir(path);
	while (folder && found < 0 && (entry = readdir(folder))) {
		ssize_t length =
			readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1);

		target[length > 0 ? length : 0] = 0;
		if (!strcmp(target, wanted))
			found = atoi(entry->d_name);
	}
	if (folder)
		closedir(folder);
	return found;
}

/* A second descriptor of a socket that some process has open. */
static int open_socket(uint32_t inode)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	int fd = -ENOENT;
	char wanted[32];

	snprintf(wanted, sizeof(wanted), "socket:[%u]", inode);
	while (folder && fd < 0 && (entry = readdir(folder))) {
		uint32_t pid = (uint32_t)strtoul(entry->d_name, NULL, 10);
		int number = pid ? find_descriptor(pid, wanted) : -1, pidfd;

		if (number < 0)
			continue;
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		if (pidfd < 0)
			continue;
		fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
		if (fd < 0)
			fd = -errno;
		close(pidfd);
	}
	if (folder)
		closedir(folder);
	return fd;
}

static int open_cgroup(const struct facts *facts, uint32_t id)
{
	union {
		struct file_handle handle;
		uint8_t room[sizeof(struct file_handle) + sizeof(uint64_t)];
	} cgroup = { .handle = { .handle_bytes = sizeof(uint64_t), .handle_type = FILEID_KERNFS } };
	const uint64_t wide = id;
	int mount = open(facts->cgroup_mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;

	if (mount < 0)
		return -errno;
	memcpy(cgroup.handle.f_handle, &wide, sizeof(wide));
	fd = open_by_handle_at(mount, &cgroup.handle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fd = errno == ESTALE ? -ENOENT : -errno;
	close(mount);
	return fd;
}

int storage_owner(const struct map_ref *map, const struct facts *facts, const uint8_t *key)
{
	switch (map->info.type) {
	case BPF_MAP_TYPE_TASK_STORAGE:
		return open_task(get_u32(key));
	case BPF_MAP_TYPE_SK_STORAGE:
		return open_socket(get_u32(key));
	case BPF_MAP_TYPE_CGRP_STORAGE:
		return open_cgroup(facts, get_u32(key));
	default:
		return -EOPNOTSUPP;
	}
}

int storage_owner_by_path(const struct map_ref *map, const struct facts *facts, const char *path)
{
	char full[MAX_PATH_BYTES];
	int fd;

	if (map->info.type == BPF_MAP_TYPE_INODE_STORAGE)
		snprintf(full, sizeof(full), "%s", path);
	else if (map->info.type == BPF_MAP_TYPE_CGRP_STORAGE)
		snprintf(full, sizeof(full), "%.500s/%.500s", facts->cgroup_mount, path);
	else
		return -EOPNOTSUPP;
	fd = open(full, O_PATH | O_CLOEXEC);
	if (fd >= 0 && map->info.type == BPF_MAP_TYPE_CGRP_STORAGE) {
		close(fd);
		fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	return fd < 0 ? -errno : fd;
}
