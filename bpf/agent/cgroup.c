// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "limits.h"

#define MAX_DEPTH 16

/* Calls `visit` for each folder below, deepest first, then for `path` itself. */
static void walk(const char *path, int depth, void (*visit)(const char *path))
{
	DIR *folder = depth < MAX_DEPTH ? opendir(path) : NULL;
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char below[MAX_PATH_BYTES];

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) <
		    sizeof(below))
			walk(below, depth + 1, visit);
	}
	if (folder)
		closedir(folder);
	visit(path);
}

static void kill_members(const char *path)
{
	char name[MAX_PATH_BYTES + 16];
	FILE *file;
	int pid;

	snprintf(name, sizeof(name), "%s/cgroup.procs", path);
	file = fopen(name, "re");
	while (file && fscanf(file, "%d", &pid) == 1)
		if (pid > 0)
			kill(pid, SIGKILL);
	if (file)
		fclose(file);
}

/* cgroup.kill is there since Linux 5.14 and cannot be outrun by a fork. */
static void kill_all(const char *path)
{
	char name[MAX_PATH_BYTES + 16];
	int fd;

	snprintf(name, sizeof(name), "%s/cgroup.kill", path);
	fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		walk(path, 0, kill_members);
	if (fd >= 0)
		close(fd);
}

static void remove_one(const char *path)
{
	rmdir(path);
}

int cgroup_remove(const char *path)
{
	struct timespec pause = { .tv_nsec = 500000 };
	long waited_us = 0;

	for (;;) {
		walk(path, 0, remove_one);
		if (access(path, F_OK))
			return 0;
		if (waited_us > KILL_WAIT_MS * 1000L)
			return -EBUSY;
		kill_all(path);
		nanosleep(&pause, NULL);
		waited_us += pause.tv_nsec / 1000;
		if (pause.tv_nsec < 16000000)
			pause.tv_nsec *= 2;
	}
}
