// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent_note.h"
#include "libbpf_log.h"
#include "process_start.h"
#include "session.h"
#include "sweep.h"

/* Room for some batches between worker and supervisor, so that neither waits for the other at each
 * frame. */
#define SOCKET_BYTES (1024 * 1024)
/* A worker that has closed its channel exits within this time; a sanitizer's last check takes some of it. */
#define EXIT_WAIT_MS 5000

static int write_down_worker(struct journal *journal)
{
	char start[24];

	snprintf(start, sizeof(start), "%llu", (unsigned long long)process_start_time(getpid()));
	return journal_add(journal, "worker",
			   json_pack("{s:i, s:s}", "pid", (int)getpid(), "start", start))
		       ? 0
		       : -EIO;
}

/* The channel of the supervisor must not stay open in us: its client would wait for our end too. */
static void leave_channel(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0) {
		dup2(null, 0);
		dup2(null, 1);
		close(null);
	}
}

static void close_others(int keep)
{
	if (keep > 3)
		close_range(3, (unsigned int)keep - 1, 0);
	close_range((unsigned int)keep + 1, ~0U, 0);
}

static _Noreturn void run_worker(const struct worker *worker, const struct state_dir *state,
				 const struct facts *facts, int fd, pid_t supervisor)
{
	struct session *session = calloc(1, sizeof(*session));
	struct journal journal;
	char name[64];
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != supervisor)
		_exit(1);
	leave_channel();
	close_others(fd);
	snprintf(name, sizeof(name), "%d-%d", (int)supervisor, (int)getpid());
	err = journal_create(&journal, worker->journal);
	if (!err)
		err = write_down_worker(&journal);
	if (!err && session) {
		session->facts = facts;
		session->journal = &journal;
		err = workspace_make(&session->workspace, facts, &journal, state->base, name);
		/* Relative paths in sections and options are those of the session's files. */
		if (!err && fchdir(session->workspace.folder_fd))
			err = -errno;
	}
	if (err || !session) {
		agent_note("a worker cannot start: %s", strerror(-err));
		_exit(1);
	}
	err = session_serve(session, fd);
	exit(err);
}

int worker_start(struct worker *worker, const struct state_dir *state, const struct facts *facts)
{
	static int count;
	int fds[2], size = SOCKET_BYTES;
	pid_t supervisor = getpid();

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds))
		return -errno;
	for (int i = 0; i < 2; i++)
		if (setsockopt(fds[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
			setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	snprintf(worker->journal, sizeof(worker->journal), "%.900s/%d.journal", state->own,
		 ++count);
	fflush(NULL);
	worker->pid = fork();
	if (worker->pid == 0) {
		close(fds[0]);
		run_worker(worker, state, facts, fds[1], supervisor);
	}
	close(fds[1]);
	worker->fd = fds[0];
	if (worker->pid < 0) {
		close(fds[0]);
		worker->fd = -1;
		return -errno;
	}
	return 0;
}

/* Waits at most EXIT_WAIT_MS for an exit that is under way, then kills. */
static int wait_for(pid_t pid, bool ended_itself)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	int status = 0;

	for (int i = 0; ended_itself && i < EXIT_WAIT_MS; i++) {
		if (waitpid(pid, &status, WNOHANG) != 0)
			return status;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status;
}

bool worker_end(struct worker *worker, bool ended_itself, json_t *items)
{
	char text[128];
	int status;

	if (worker->fd >= 0)
		close(worker->fd);
	worker->fd = -1;
	status = wait_for(worker->pid, ended_itself);
	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "worker %d ended by signal %d", (int)worker->pid,
			 WTERMSIG(status));
	else
		snprintf(text, sizeof(text), "worker %d ended with status %d", (int)worker->pid,
			 WEXITSTATUS(status));
	json_array_append_new(items, json_string(text));
	sweep_journal(worker->journal, items);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
