// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "process_start.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What follows the program's name, which may itself hold spaces and brackets. */
static bool read_stat(pid_t pid, char *state, unsigned long long *start)
{
	char path[64], text[1024], *after;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got > 0 ? got : 0] = 0;
	after = strrchr(text, ')');
	return after &&
	       sscanf(after + 1,
		      " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		      state, start) == 2;
}

uint64_t process_start_time(pid_t pid)
{
	unsigned long long start = 0;
	char state;

	return read_stat(pid, &state, &start) ? start : 0;
}

bool process_is_gone(pid_t pid)
{
	unsigned long long start;
	char state;

	return !read_stat(pid, &state, &start) || state == 'Z' || state == 'X';
}
