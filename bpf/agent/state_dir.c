// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "state_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sweep.h"

static int make_parents(const char *path)
{
	char part[MAX_PATH_BYTES];

	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/' || i >= sizeof(part))
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		mkdir(part, 0755);
	}
	return mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
}

/* A lock of fcntl is the process's own: workers do not inherit it, and it ends with the supervisor.
 */
static int take_lock(const char *folder, int *lock_fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[MAX_PATH_BYTES + 8];
	int fd;

	snprintf(path, sizeof(path), "%s/lock", folder);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_SETLK, &lock)) {
		int err = -errno;

		close(fd);
		return err;
	}
	*lock_fd = fd;
	return 0;
}

int state_dir_open(struct state_dir *state, const char *base)
{
	char *absolute;
	int err;

	err = make_parents(base);
	if (err)
		return err;
	/* Workers leave the folder that a relative path starts at. */
	absolute = realpath(base, NULL);
	if (!absolute)
		return -errno;
	snprintf(state->base, sizeof(state->base), "%s", absolute);
	free(absolute);
	snprintf(state->own, sizeof(state->own), "%.900s/supervisor-%d", state->base,
		 (int)getpid());
	/* A dead supervisor may have had our number: its journals are swept first. */
	if (mkdir(state->own, 0700) && errno != EEXIST)
		return -errno;
	return take_lock(state->own, &state->lock_fd);
}

static void sweep_folder(const char *folder, json_t *items)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		char path[2 * MAX_PATH_BYTES];

		if (!strstr(entry->d_name, ".journal"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		sweep_journal(path, items);
	}
	if (entries)
		closedir(entries);
}

static void remove_folder(const char *folder)
{
	char path[MAX_PATH_BYTES + 8];

	snprintf(path, sizeof(path), "%s/lock", folder);
	unlink(path);
	rmdir(folder);
}

void state_dir_sweep_others(const struct state_dir *state, json_t *items)
{
	DIR *entries = opendir(state->base);
	struct dirent *entry;

	sweep_folder(state->own, items);
	while (entries && (entry = readdir(entries))) {
		char folder[MAX_PATH_BYTES];
		int lock_fd;

		if (strncmp(entry->d_name, "supervisor-", 11))
			continue;
		snprintf(folder, sizeof(folder), "%.700s/%.200s", state->base, entry->d_name);
		/* Opening and closing our own lock file would give the lock up. */
		if (!strcmp(folder, state->own) || take_lock(folder, &lock_fd))
			continue;
		sweep_folder(folder, items);
		remove_folder(folder);
		close(lock_fd);
	}
	if (entries)
		closedir(entries);
}

void state_dir_remove(struct state_dir *state)
{
	remove_folder(state->own);
	close(state->lock_fd);
	/* Others may be at home there. */
	rmdir(state->base);
}
