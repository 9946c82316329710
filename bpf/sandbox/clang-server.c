// SPDX-License-Identifier: Apache-2.0
/*
 * A compiler that is already loaded. Preloaded into clang inside the compile sandbox, it takes the place of
 * __libc_start_main: when the loader has mapped and relocated LLVM (30 ms, most of the time of a small compile) it waits
 * for requests on standard input, and forks a child per request that goes on into clang's own main() with the arguments of
 * the request. A child therefore starts as a fresh clang would; nothing of one compile is seen by the next.
 *
 * Request:  u32 length | NUL-terminated strings: working directory, argv[0], argv[1], …
 * Reply:    u32 length | u32 wait status | u32 CPU time in ms | u32 peak memory in KiB | output (stdout and stderr, cut at 1 MiB)
 * Numbers are little-endian; the length does not count itself. argv[0] "clang" runs in the child itself, any other
 * is executed. The end of standard input ends the server.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_REQUEST (256 * 1024)
#define MAX_OUTPUT (1024 * 1024)
#define MAX_ARGS 512

typedef int (*main_fn)(int, char **, char **);
typedef int (*start_fn)(main_fn, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

struct request {
	char *directory;
	char *argv[MAX_ARGS + 1];
	int argc;
};

static char request_bytes[MAX_REQUEST];
static char output[12 + MAX_OUTPUT];

/* Returns 0 at a clean end of input, -1 on an error, 1 when all bytes are there. */
static int read_all(int fd, void *into, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, (char *)into + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 || done ? -1 : 0;
		done += n;
	}
	return 1;
}

static int write_all(int fd, const void *from, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = write(fd, (const char *)from + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		done += n;
	}
	return 0;
}

static int read_request(struct request *request)
{
	uint32_t size;
	int got = read_all(STDIN_FILENO, &size, sizeof(size));
	char *at = request_bytes;

	if (got <= 0)
		return got;
	if (size == 0 || size > MAX_REQUEST || read_all(STDIN_FILENO, request_bytes, size) != 1)
		return -1;
	if (request_bytes[size - 1] != '\0')
		return -1;
	request->directory = at;
	request->argc = 0;
	for (at += strlen(at) + 1; at < request_bytes + size; at += strlen(at) + 1) {
		if (request->argc == MAX_ARGS)
			return -1;
		request->argv[request->argc++] = at;
	}
	request->argv[request->argc] = NULL;
	return request->argc > 0 ? 1 : -1;
}

static void limit(int what, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(what, &limit) == 0 && limit.rlim_max < value)
		value = limit.rlim_max;
	limit.rlim_cur = limit.rlim_max = value;
	setrlimit(what, &limit);
}

static void become_child(const struct request *request, int output_fd)
{
	int null = open("/dev/null", O_RDONLY);

	dup2(null, STDIN_FILENO);
	dup2(output_fd, STDOUT_FILENO);
	dup2(output_fd, STDERR_FILENO);
	close_range(3, ~0U, 0);
	setpgid(0, 0);
	limit(RLIMIT_CPU, 20);
	limit(RLIMIT_AS, 2ULL << 30);
	limit(RLIMIT_FSIZE, 128ULL << 20);
	limit(RLIMIT_NPROC, 256);
	limit(RLIMIT_CORE, 0);
	unsetenv("LD_PRELOAD");
	unsetenv("LD_BIND_NOW");
	signal(SIGPIPE, SIG_DFL);
	if (chdir(request->directory) != 0) {
		fprintf(stderr, "cannot enter %s: %s\n", request->directory, strerror(errno));
		_exit(127);
	}
	if (strcmp(request->argv[0], "clang") != 0) {
		execvp(request->argv[0], request->argv);
		fprintf(stderr, "cannot run %s: %s\n", request->argv[0], strerror(errno));
		_exit(127);
	}
}

/* Reads the child's output to its end, dropping what is over the limit. */
static size_t collect(int fd)
{
	char dropped[4096];
	size_t size = 0;

	for (;;) {
		size_t room = MAX_OUTPUT - size;
		ssize_t n = read(fd, room ? output + 12 + size : dropped, room ? room : sizeof(dropped));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return size;
		if (room)
			size += n;
	}
}

static uint32_t milliseconds(const struct timeval *time)
{
	return time->tv_sec * 1000 + time->tv_usec / 1000;
}

static int reply(pid_t child, int fd)
{
	struct rusage usage = {};
	uint32_t head[3] = {};
	size_t size = collect(fd);
	uint32_t length = sizeof(head) + size;
	int status = 0;

	while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR)
		;
	kill(-child, SIGKILL);
	head[0] = status;
	head[1] = milliseconds(&usage.ru_utime) + milliseconds(&usage.ru_stime);
	head[2] = usage.ru_maxrss;
	memcpy(output, head, sizeof(head));
	if (write_all(STDOUT_FILENO, &length, sizeof(length)) != 0)
		return -1;
	return write_all(STDOUT_FILENO, output, length);
}

/* Returns in a child only; the server itself ends here. */
static void serve(struct request *request)
{
	static const uint32_t ready;

	signal(SIGPIPE, SIG_IGN);
	if (write_all(STDOUT_FILENO, &ready, sizeof(ready)) != 0)
		_exit(1);
	for (;;) {
		int pipe_fds[2];
		int got = read_request(request);
		pid_t child;

		if (got <= 0)
			_exit(got ? 1 : 0);
		if (pipe2(pipe_fds, O_CLOEXEC) != 0)
			_exit(1);
		child = fork();
		if (child < 0)
			_exit(1);
		if (child == 0) {
			become_child(request, pipe_fds[1]);
			return;
		}
		close(pipe_fds[1]);
		if (reply(child, pipe_fds[0]) != 0)
			_exit(1);
		close(pipe_fds[0]);
	}
}

int __libc_start_main(main_fn main, int argc, char **argv, void (*init)(void), void (*fini)(void),
		      void (*rtld_fini)(void), void *stack_end)
{
	static struct request request;
	start_fn start = (start_fn)dlsym(RTLD_NEXT, "__libc_start_main");

	(void)argc;
	(void)argv;
	serve(&request);
	return start(main, request.argc, request.argv, init, fini, rtld_fini, stack_end);
}
