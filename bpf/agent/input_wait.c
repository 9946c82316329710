// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* The kernel tells nobody that a pipe has a waiting reader, so we look: the file `syscall` of a
 * thread in /proc names the call in which it is blocked, with its arguments, and /proc/PID/fd/N
 * whether that descriptor is our pipe. Both are stable interfaces; the function names in `wchan` are not
 * (pipe_read became anon_pipe_read). Only we write into the pipe, so who waits for it while it is
 * empty waits for us, whatever happens meanwhile. */
#include "input_wait.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Bounds of one look; a tree that is larger is searched so far. */
#define MAX_LOOKED_AT 256
#define MAX_POLLED 64

struct search {
	struct stat pipe;
	pid_t processes[MAX_LOOKED_AT];
	size_t count;
	int threads_left;
};

/* The whole of a small file of /proc, as text; false when it is gone. */
static bool read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return false;
	got = read(fd, text, size - 1);
	close(fd);
	text[got > 0 ? got : 0] = 0;
	return got > 0;
}

static bool is_our_pipe(const struct search *search, pid_t pid, int fd)
{
	struct stat status;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
	return fd >= 0 && !stat(path, &status) && status.st_dev == search->pipe.st_dev &&
	       status.st_ino == search->pipe.st_ino;
}

static bool read_memory(pid_t pid, uint64_t address, void *bytes, size_t length)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = pread(fd, bytes, length, (off_t)address);
	close(fd);
	return got == (ssize_t)length;
}

static bool polls_pipe(const struct search *search, pid_t pid, const uint64_t arguments[2])
{
	size_t count = arguments[1] < MAX_POLLED ? arguments[1] : MAX_POLLED;
	struct pollfd polled[MAX_POLLED];

	if (!read_memory(pid, arguments[0], polled, count * sizeof(polled[0])))
		return false;
	for (size_t i = 0; i < count; i++)
		if (polled[i].events & POLLIN && is_our_pipe(search, pid, polled[i].fd))
			return true;
	return false;
}

static bool selects_pipe(const struct search *search, pid_t pid, const uint64_t arguments[2])
{
	int count = arguments[0] < MAX_POLLED ? (int)arguments[0] : MAX_POLLED;
	/* select(2) reads whole words of the set. */
	uint64_t set = 0;

	if (!arguments[1] || !read_memory(pid, arguments[1], &set, sizeof(set)))
		return false;
	for (int fd = 0; fd < count; fd++)
		if (set >> fd & 1 && is_our_pipe(search, pid, fd))
			return true;
	return false;
}

static bool thread_waits(const struct search *search, pid_t pid, const char *thread)
{
	uint64_t arguments[2];
	char path[320], text[256];
	long call;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/syscall", (int)pid, thread);
	/* "running" for a thread that is not blocked. */
	if (!read_text(path, text, sizeof(text)) ||
	    sscanf(text, "%ld 0x%lx 0x%lx", &call, &arguments[0], &arguments[1]) != 3)
		return false;
	switch (call) {
	case SYS_read:
	case SYS_readv:
	case SYS_splice:
		return is_our_pipe(search, pid, (int)arguments[0]);
#ifdef SYS_poll
	case SYS_poll:
#endif
	case SYS_ppoll:
		return polls_pipe(search, pid, arguments);
#ifdef SYS_select
	case SYS_select:
#endif
	case SYS_pselect6:
		return selects_pipe(search, pid, arguments);
	default:
		return false;
	}
}

static void add_children(struct search *search, pid_t pid, const char *thread)
{
	char path[320], text[4096], *at = text, *end;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/children", (int)pid, thread);
	if (!read_text(path, text, sizeof(text)))
		return;
	for (long child = strtol(at, &end, 10); end != at; child = strtol(at, &end, 10)) {
		if (search->count < MAX_LOOKED_AT && child > 0)
			search->processes[search->count++] = (pid_t)child;
		at = end;
	}
}

static bool process_waits(struct search *search, pid_t pid)
{
	bool waits = false;
	struct dirent *entry;
	char path[64];
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	if (!threads)
		return false;
	while (!waits && search->threads_left > 0 && (entry = readdir(threads))) {
		if (entry->d_name[0] == '.')
			continue;
		search->threads_left--;
		waits = thread_waits(search, pid, entry->d_name);
		if (!waits)
			add_children(search, pid, entry->d_name);
	}
	closedir(threads);
	return waits;
}

bool input_is_awaited(pid_t root, int pipe_fd)
{
	struct search search = { .processes = { root }, .count = 1, .threads_left = MAX_LOOKED_AT };

	if (fstat(pipe_fd, &search.pipe))
		return false;
	for (size_t i = 0; i < search.count; i++)
		if (process_waits(&search, search.processes[i]))
			return true;
	return false;
}
