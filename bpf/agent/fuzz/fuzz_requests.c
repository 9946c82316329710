// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * A whole session with any frames: hello first, then what the fuzzer likes. Nothing reaches kernel or
 * machine: the fuzzer gives its capabilities up, starts no programs, and has a folder of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent_note.h"
#include "libbpf_log.h"
#include "proto.h"
#include "session.h"

static const char hello[] = "{\"protocol\":1,\"session\":\"fuzz\",\"after\":\"0\",\"lease_s\":10}";
static char folder[] = "/tmp/bpflab-fuzz-XXXXXX";

int LLVMFuzzerInitialize(int *count, char ***words);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

static void clean(void)
{
	nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* exec fails as if there were no program of that name. */
static void forbid_exec(void)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execveat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOENT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { .len = sizeof(steps) / sizeof(steps[0]), .filter = steps };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		_exit(1);
}

int LLVMFuzzerInitialize(int *count, char ***words)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct nothing[2] = { 0 };

	(void)count;
	(void)words;
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(folder))
		return 1;
	atexit(clean);
	/* Root would load programs for real. The user stays: the corpus may be readable for it alone. */
	if (syscall(SYS_capset, &header, nothing))
		_exit(1);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	forbid_exec();
	libbpf_log_install();
	agent_note_silence();
	return 0;
}

struct reader {
	int fd;
};

/* The client: takes everything, so that the session never waits. */
static void *read_all(void *argument)
{
	struct reader *reader = argument;
	char block[65536];

	while (read(reader->fd, block, sizeof(block)) > 0)
		;
	return NULL;
}

static void send_frame(int fd, uint8_t kind, const void *payload, size_t length)
{
	uint8_t header[FRAME_HEADER_BYTES];

	frame_header(header, kind, 0, (uint32_t)length);
	if (write(fd, header, sizeof(header)) < 0 || write(fd, payload, length) < 0)
		errno = 0;
}

/* Bytes up to a 0 are a request's JSON; what follows a 0 and a kind are raw frames. */
static void send_input(int fd, const uint8_t *data, size_t size)
{
	while (size) {
		const uint8_t *end = memchr(data, 0, size);
		size_t length = end ? (size_t)(end - data) : size;

		if (length)
			send_frame(fd, FRAME_REQUEST, data, length);
		if (!end)
			return;
		data += length + 1;
		size -= length + 1;
		if (size && data[0] < 16) {
			if (write(fd, data + 1, size - 1) < 0)
				errno = 0;
			return;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct facts facts = { .cpus_possible = 2, .cpus_online = 2, .page_size = 4096 };
	struct session *session = calloc(1, sizeof(*session));
	struct journal journal = { .fd = -1 };
	struct reader reader;
	pthread_t thread;
	int fds[2];

	if (!session || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		abort();
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	pthread_mutex_init(&journal.lock, NULL);
	session->facts = &facts;
	session->journal = &journal;
	snprintf(session->workspace.folder, sizeof(session->workspace.folder), "%s", folder);
	session->workspace.folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	reader.fd = fds[0];
	if (pthread_create(&thread, NULL, read_all, &reader))
		abort();
	send_frame(fds[0], FRAME_HELLO, hello, sizeof(hello) - 1);
	send_input(fds[0], data, size);
	shutdown(fds[0], SHUT_WR);
	session_serve(session, fds[1]);
	close(fds[1]);
	pthread_join(thread, NULL);
	close(fds[0]);
	close(session->workspace.folder_fd);
	free(session);
	return 0;
}
