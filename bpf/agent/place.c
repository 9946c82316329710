// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits.h"

#define MAX_NAME 200
#define TEMPORARY ".bpflab-new"

static int check_name(const char *name, size_t length)
{
	if (length == 0 || length > MAX_NAME)
		return length ? -ENAMETOOLONG : -EINVAL;
	if (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')))
		return -EINVAL;
	return 0;
}

/* Opens the folder `name` below `parent`, which it closes; makes it when it is missing. */
static int enter(int parent, const char *name)
{
	int fd;

	if (mkdirat(parent, name, 0755) && errno != EEXIST) {
		fd = -errno;
	} else {
		fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	close(parent);
	return fd;
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t put = write(fd, bytes, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		bytes += put;
		length -= (size_t)put;
	}
	return 0;
}

static int write_file(int folder, const char *name, const void *bytes, size_t length, mode_t mode)
{
	int err, fd;

	unlinkat(folder, TEMPORARY, 0);
	fd = openat(folder, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, bytes, length);
	if (!err && fchmod(fd, mode))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && renameat(folder, TEMPORARY, folder, name))
		err = -errno;
	if (err)
		unlinkat(folder, TEMPORARY, 0);
	return err;
}

int place_file(int folder_fd, const char *path, const void *bytes, size_t length, mode_t mode)
{
	int folder = fcntl(folder_fd, F_DUPFD_CLOEXEC, 3), err;
	char name[MAX_NAME + 1];

	if (folder < 0)
		return -errno;
	for (;;) {
		size_t part = strcspn(path, "/");

		err = check_name(path, part);
		if (err)
			break;
		snprintf(name, sizeof(name), "%.*s", (int)part, path);
		if (!path[part]) {
			err = write_file(folder, name, bytes, length, mode);
			break;
		}
		path += part + 1;
		folder = enter(folder, name);
		if (folder < 0)
			return folder;
	}
	close(folder);
	return err;
}
